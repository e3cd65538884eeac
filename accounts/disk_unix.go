//go:build unix

package accounts

import "syscall"

// diskRoom returns how many bytes a folder's disk has left for this user.
func diskRoom(folder string) (uint64, error) {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(folder, &stat); err != nil {
		return 0, err
	}
	return uint64(stat.Bavail) * uint64(stat.Bsize), nil //nolint:gosec,unconvert // neither is negative, and their types differ between systems
}
