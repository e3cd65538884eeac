package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"mooring/platforms"
	"mooring/platforms/sandbox"
)

// sandboxCommand plays the platforms for other programs, without Mooring.
type sandboxCommand struct {
	Listen      string   `default:"127.0.0.1:33767" help:"Where to listen: an address of this machine only. Port 0 is any."`
	File        string   `help:"Keep the state in this file; in memory unless said."`
	Script      string   `type:"existingfile" help:"A JSON file with apps, consents and faults to begin with."`
	AutoApprove bool     `help:"Approve on each consent page at once, as its first person."`
	RedirectURI []string `name:"redirect-uri" sep:"none" placeholder:"URI" help:"Register a redirect URI at all platforms. May be repeated."`
	Env         bool     `help:"Print the variables that lead a client here, as NAME=value, and exit."`
}

// sandboxGrace is how long answers under way may take when the sandbox stops.
const sandboxGrace = 3 * time.Second

func (c sandboxCommand) Run(p *program) error {
	if !isLoopback(c.Listen) {
		return fmt.Errorf("--listen: %q is reachable from other machines, which could control the sandbox; for example --listen=127.0.0.1:33767", c.Listen)
	}
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return fmt.Errorf("--listen: %w; for example --listen=127.0.0.1:33767", err)
	}
	if c.Env && port == "0" {
		return errors.New("--env: say which port the sandbox will have, for example --listen=127.0.0.1:33767")
	}
	if c.Env {
		_, apps, err := c.open("http://" + c.Listen)
		if err != nil {
			return err
		}
		return printEnv(p.out, apps)
	}
	listener, err := (&net.ListenConfig{}).Listen(p.ctx, "tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("--listen: %w; another program may have the port", err)
	}
	_, port, _ = net.SplitHostPort(listener.Addr().String()) // a listener's address has a port
	public := "http://" + net.JoinHostPort(host, port)
	played, _, err := c.open(public)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	fmt.Fprintf(p.out, "The platforms are played at %s%s\n", public, sandbox.Prefix)
	fmt.Fprintf(p.out, "Their credentials and addresses: mooring sandbox --env --listen=%s\n", net.JoinHostPort(host, port))
	return serveSandbox(p.ctx, listener, played)
}

// playedApp is the sandbox's app at a login method.
type playedApp struct {
	login *platforms.Login
	sandbox.Client
}

// open makes the sandbox and registers an app at each login method.
func (c sandboxCommand) open(public string) (*sandbox.Sandbox, []playedApp, error) {
	for _, redirect := range c.RedirectURI {
		if u, err := url.Parse(redirect); err != nil || !u.IsAbs() {
			return nil, nil, fmt.Errorf("--redirect-uri: %q is no address; for example --redirect-uri=http://localhost:3000/callback", redirect)
		}
	}
	played, err := sandbox.New(sandbox.Options{
		PublicURL: public, File: c.File, Script: c.Script, AutoApprove: c.AutoApprove,
	})
	if err != nil {
		return nil, nil, err
	}
	var apps []playedApp
	for _, pl := range platforms.All() {
		for _, l := range pl.Logins {
			if client, ok := played.Register(l, c.RedirectURI...); ok {
				apps = append(apps, playedApp{l, client})
			}
		}
	}
	return played, apps, nil
}

// printEnv prints the variables of the apps as Mooring reads them.
func printEnv(w io.Writer, apps []playedApp) error {
	var env strings.Builder
	seen := map[string]bool{}
	for _, a := range apps {
		prefix := a.login.Env.Prefix
		if seen[prefix] {
			continue
		}
		seen[prefix] = true
		for _, v := range []struct{ name, value string }{
			{a.login.Env.ID, a.ID},
			{a.login.Env.Secret, a.Secret.Reveal()},
			{"AUTHORIZE_URL", a.Endpoints.Authorize},
			{"TOKEN_URL", a.Endpoints.Token},
			{"REVOKE_URL", a.Endpoints.Revoke},
			{"INTROSPECT_URL", a.Endpoints.Introspect},
			{"API_URL", a.Endpoints.API},
		} {
			if v.value != "" {
				fmt.Fprintf(&env, "%s_%s=%s\n", prefix, v.name, strings.ReplaceAll(v.value, "{version}", a.login.Version))
			}
		}
	}
	_, err := io.WriteString(w, env.String())
	return err
}

// serveSandbox serves until ctx ends.
func serveSandbox(ctx context.Context, listener net.Listener, played *sandbox.Sandbox) error {
	mux := http.NewServeMux()
	mux.Handle(sandbox.Prefix, played)
	mux.Handle("GET /{$}", http.RedirectHandler(sandbox.Prefix+"api/apps", http.StatusFound))
	web := &http.Server{Handler: onlyLoopback(mux), ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- web.Serve(listener) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), sandboxGrace)
	defer cancel()
	if err := web.Shutdown(grace); err != nil {
		return web.Close() // a fault may delay an answer for as long as it likes
	}
	return nil
}

// onlyLoopback refuses every name that is not this machine's own: a page whose
// name resolves to it could control the sandbox (DNS rebinding).
func onlyLoopback(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isLoopback(r.Host) {
			http.Error(w, "The sandbox answers on this machine only.", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}
