package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// programs are what processes are started from.
type programs struct {
	server string // as released
	probed string // with testdata/probe.go
	self   string
}

// build builds the server twice into dir.
func build(ctx context.Context, dir string) (programs, error) {
	p := programs{server: filepath.Join(dir, "mooring"), probed: filepath.Join(dir, "mooring-probed")}
	var err error
	if p.self, err = os.Executable(); err != nil {
		return p, err
	}
	root, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return p, fmt.Errorf("find the module; run this inside of it: %w", err)
	}
	module := strings.TrimSpace(string(root))
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {
		filepath.Join(module, "probe.go"): filepath.Join(module, "bench", "testdata", "probe.go"),
	}})
	if err != nil {
		return p, err
	}
	overlayFile := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(overlayFile, overlay, 0o600); err != nil {
		return p, err
	}
	for _, args := range [][]string{
		{"build", "-o", p.server, "mooring"},
		{"build", "-overlay", overlayFile, "-o", p.probed, "mooring"},
	} {
		if output, err := exec.CommandContext(ctx, "go", args...).CombinedOutput(); err != nil {
			return p, fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, output)
		}
	}
	return p, nil
}

// process is a server that was started and listens.
type process struct {
	cmd     *exec.Cmd
	address string        // host:port
	stderr  *bytes.Buffer // to be read when it has ended
}

// start runs a program in dir until stop, or until ctx ends. It waits for the
// line on which the program says where it listens: the first http address.
// Of this process's environment only what tunes the Go runtime is passed on.
func start(ctx context.Context, dir string, env []string, program string, args ...string) (*process, error) {
	p := &process{cmd: exec.CommandContext(ctx, program, args...), stderr: &bytes.Buffer{}}
	p.cmd.Dir, p.cmd.Stderr = dir, p.stderr
	p.cmd.Env = env
	for _, name := range []string{"PATH", "HOME", "GOGC", "GOMEMLIMIT", "GOMAXPROCS", "GODEBUG"} {
		if value, ok := os.LookupEnv(name); ok {
			p.cmd.Env = append(p.cmd.Env, name+"="+value)
		}
	}
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	p.cmd.WaitDelay = 20 * time.Second
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if found := listens.FindStringSubmatch(lines.Text()); found != nil {
			p.address = "127.0.0.1:" + found[1]
			go func() { _, _ = io.Copy(io.Discard, stdout) }() // ends with the process
			return p, nil
		}
	}
	return nil, fmt.Errorf("start %s: %w\n%s", filepath.Base(program), errors.Join(errors.New("it does not listen"), p.cmd.Wait()), p.stderr)
}

var listens = regexp.MustCompile(`http://[^/:]+:(\d+)`)

// stop ends the process and reports if it did not end well.
func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	if err := p.cmd.Wait(); err != nil {
		return fmt.Errorf("%s: %w\n%s", filepath.Base(p.cmd.Path), err, p.stderr)
	}
	return nil
}

// cpu is the processor time that the process has used, to 10 ms.
func (p *process) cpu() (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	// The second field, the program's name, may hold blanks. utime and stime are
	// the 14th and the 15th, in ticks of 10 ms (proc(5)).
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	user, err := strconv.Atoi(fields[11])
	system, err2 := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond, errors.Join(err, err2)
}

// resident is the memory that the process holds, in KiB.
func (p *process) resident() (int, error) { return p.status("VmRSS:") }

// status is a line of what the kernel says of the process's memory, in KiB.
func (p *process) status(line string) (int, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(status), line)
	return strconv.Atoi(strings.Fields(rest)[0])
}

// unixClient asks the probe behind a unix socket.
func unixClient(socket string) *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", socket)
		},
	}}
}

// fetch returns the body of a good answer.
func fetch(ctx context.Context, client *http.Client, method, url string, body []byte) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	response, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode >= http.StatusMultipleChoices {
		err = fmt.Errorf("%s %s: %s: %s", method, url, response.Status, answer)
	}
	return answer, err
}
