//go:build !unix

package accounts

import "context"

// lockFile does nothing where the system has no flock: there, two processes
// must not migrate one SQLite file at once.
func lockFile(context.Context, string) (unlock func(), err error) { return func() {}, nil }

// shareFile does nothing either: nobody is known to be alone.
func shareFile(context.Context, string, func() error) (unlock func(), err error) {
	return func() {}, nil
}
