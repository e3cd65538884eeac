package main

import (
	"fmt"
	"net"
	"net/http"
	_ "net/http/pprof" // profiles, on the default mux that the program itself does not use
	"os"
	"runtime"
	"runtime/debug"
)

// init answers questions about the process on a unix socket. The benchmarks lay this file over a build of the
// program; nothing that is released has it.
func init() {
	listener, err := net.Listen("unix", os.Getenv("BENCH_PROBE"))
	if err != nil {
		panic(err)
	}
	http.HandleFunc("/collect", func(w http.ResponseWriter, _ *http.Request) {
		runtime.GC() // the first moves what pools hold to where the second frees it
		debug.FreeOSMemory()
		fmt.Fprintln(w, runtime.NumGoroutine())
	})
	go func() { panic(http.Serve(listener, nil)) }()
}
