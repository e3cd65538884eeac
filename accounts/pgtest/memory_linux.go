package pgtest

import (
	"sync"
	"syscall"
)

// memory is the folder of a file system in memory, if there is one with room
// enough for the databases of a package's tests; "" is where temporary files are
// otherwise.
var memory = sync.OnceValue(func() string {
	const folder, enough = "/dev/shm", 1 << 30
	var stat syscall.Statfs_t
	if err := syscall.Statfs(folder, &stat); err != nil || stat.Bavail*uint64(stat.Bsize) < enough {
		return ""
	}
	return folder
})
