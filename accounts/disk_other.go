//go:build !unix

package accounts

import "errors"

// diskRoom is told by unix systems only.
func diskRoom(string) (uint64, error) { return 0, errors.ErrUnsupported }
