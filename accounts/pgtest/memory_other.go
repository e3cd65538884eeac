//go:build !linux

package pgtest

// memory is "": temporary files are where they are.
func memory() string { return "" }
