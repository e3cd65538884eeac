//go:build unix

package accounts

import (
	"context"
	"errors"
	"os"
	"syscall"
	"time"
)

// lockFile waits for the exclusive lock of a file, which it makes if need be.
// The lock ends with unlock or with the process.
func lockFile(ctx context.Context, path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := awaitLock(ctx, f, syscall.LOCK_EX); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() { _ = f.Close() }, nil // closing unlocks
}

// shareFile takes the shared lock of a file, which it makes if need be. If
// nobody else has it, alone is called first, while nobody can take it. The lock
// ends with unlock or with the process.
func shareFile(ctx context.Context, path string, alone func() error) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	sole, err := tryLock(f, syscall.LOCK_EX)
	if err == nil && sole {
		err = alone()
	}
	if err == nil {
		err = awaitLock(ctx, f, syscall.LOCK_SH)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() { _ = f.Close() }, nil
}

// awaitLock waits for a lock of a file.
func awaitLock(ctx context.Context, f *os.File, how int) error {
	for {
		if locked, err := tryLock(f, how); err != nil || locked {
			return err
		}
		select {
		case <-time.After(lockPoll):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// tryLock reports whether it got a lock of a file, in the place of the one that
// it has.
func tryLock(f *os.File, how int) (bool, error) {
	err := syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}
