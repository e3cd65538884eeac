package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/alecthomas/kong"

	"mooring/accounts"
	"mooring/auth"
	"mooring/vault"
)

// release is the version of this source.
const release = "0.1.0"

// commands is the command line. Everything else is configured by the
// environment.
type commands struct {
	Serve   serveCommand   `cmd:"" default:"1" help:"Run the server (the default)."`
	Sandbox sandboxCommand `cmd:"" help:"Play the platforms for other programs, without the server; see docs/sandbox.md."`
	Migrate migrateCommand `cmd:"" help:"Bring the database's schema up to date and exit. Serve does so too."`
	Doctor  doctorCommand  `cmd:"" help:"Check configuration, platforms, database and keys. Nothing is changed."`
	Keys    keysCommands   `cmd:"" help:"Manage the keys that seal secrets."`
	Backup  backupCommand  `cmd:"" help:"Copy the database, or one workspace, into a file. Servers may go on meanwhile."`
	Restore restoreCommand `cmd:"" help:"Store what is in such a file in an empty database, or a workspace among others."`
	Adopt   adoptCommand   `cmd:"" help:"Make a copied, moved or restored database this installation's, so that it refreshes what is in it."`
	APIKey  apiKeyCommands `cmd:"" name:"apikey" help:"Manage the API keys of back ends."`
	Unknown unknownCommand `cmd:"" name:"unknown-errors" help:"List the errors that the troubleshooter does not recognise, the most frequent first."`
	SignIn  signInLink     `cmd:"" name:"signin-link" help:"Print a link that signs a person in, once."`
	Version versionCommand `cmd:"" help:"Print the version."`
}

// program is what commands work with.
type program struct {
	ctx     context.Context //nolint:containedctx // lives as long as one command
	environ []string
	out     io.Writer
	err     io.Writer
}

// run runs one command. environ is "NAME=value" each.
func run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) error {
	var cli commands
	exited := false
	parser, err := kong.New(&cli, kong.Name("mooring"), kong.Writers(stdout, stderr),
		kong.Description("Connects social-media accounts and keeps them connected."),
		kong.Exit(func(int) { exited = true }))
	if err != nil {
		return fmt.Errorf("command line: %w", err)
	}
	command, err := parser.Parse(args)
	if exited { // help was printed
		return nil
	}
	if err != nil {
		return fmt.Errorf("mooring: %w; try mooring --help", err)
	}
	return command.Run(&program{ctx, environ, stdout, stderr})
}

// config reads the environment and makes the logger.
func (p *program) config() (*config, *slog.Logger, error) {
	c, err := readConfig(p.environ)
	if err != nil {
		return nil, nil, err
	}
	options := &slog.HandlerOptions{Level: c.logLevel}
	var handler slog.Handler = slog.NewTextHandler(p.err, options)
	if c.logFormat == "json" {
		handler = slog.NewJSONHandler(p.err, options)
	}
	log := slog.New(requestHandler{handler})
	for _, name := range c.unknown {
		log.Warn("a variable looks like a setting but is none; see the table in README.md", slog.String("variable", name))
	}
	return c, log, nil
}

// requestHandler adds the id of the request being served to each log line.
type requestHandler struct{ slog.Handler }

func (h requestHandler) Handle(ctx context.Context, r slog.Record) error {
	if id := accounts.RequestID(ctx); id != "" {
		r.AddAttrs(slog.String("request", id))
	}
	return h.Handler.Handle(ctx, r)
}

func (h requestHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return requestHandler{h.Handler.WithAttrs(attrs)}
}

func (h requestHandler) WithGroup(name string) slog.Handler {
	return requestHandler{h.Handler.WithGroup(name)}
}

type serveCommand struct{}

func (serveCommand) Run(p *program) error {
	c, log, err := p.config()
	if err != nil {
		return err
	}
	s, err := newServer(p.ctx, c, log)
	if err != nil {
		return err
	}
	s.printAddresses(p.out)
	return s.run(p.ctx)
}

type versionCommand struct{}

func (versionCommand) Run(p *program) error {
	_, err := fmt.Fprintln(p.out, "mooring", version())
	return err
}

// version is the release, with the commit where the build knows it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return release
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return release + " (" + s.Value[:min(12, len(s.Value))] + ")"
		}
	}
	return release
}

type migrateCommand struct{}

func (migrateCommand) Run(p *program) error {
	c, _, err := p.config()
	if err != nil {
		return err
	}
	done, err := accounts.Migrate(p.ctx, c.databaseURL)
	if err != nil {
		return err
	}
	if len(done) == 0 {
		fmt.Fprintln(p.out, "The schema is up to date.")
	}
	for _, m := range done {
		fmt.Fprintln(p.out, "applied", m.Name)
	}
	return nil
}

// service opens the accounts without serving them.
func (p *program) service() (*accounts.Service, error) {
	c, log, err := p.config()
	if err != nil {
		return nil, err
	}
	key, err := c.openKey()
	if err != nil {
		return nil, err
	}
	return accounts.Open(p.ctx, accounts.Options{
		DatabaseURL: c.databaseURL, Key: key, PublicURL: cmp.Or(c.publicURL, localURL(c.listen)),
		ExpiringWithin: c.expiringWithin, EventsKeep: c.eventsKeep, RefreshOff: true, Log: log,
	})
}

// with runs do with the accounts open.
func (p *program) with(do func(*accounts.Service) error) error {
	s, err := p.service()
	if err != nil {
		return err
	}
	return errors.Join(do(s), s.Close())
}

type adoptCommand struct{}

func (adoptCommand) Run(p *program) error {
	return p.with(func(s *accounts.Service) error {
		from, to, err := s.Adopt(p.ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.out, "the database belonged to %s and now belongs to %s; "+
			"see that nothing else refreshes from a copy of it, and restart mooring serve\n", cmp.Or(from, "nobody"), to)
		return nil
	})
}

type keysCommands struct {
	Generate keysGenerate `cmd:"" help:"Print a new key for MOORING_KEY."`
	List     keysList     `cmd:"" help:"List the data keys and what they seal."`
	Add      keysAdd      `cmd:"" help:"Rotation, step 1: add a data key."`
	Promote  keysPromote  `cmd:"" help:"Rotation, step 2: let a data key seal what is new."`
	Reseal   keysReseal   `cmd:"" help:"Rotation, step 3: seal everything under the promoted key. May be stopped and run again."`
	Remove   keysRemove   `cmd:"" help:"Rotation, step 4: remove a data key that seals nothing any more."`
	Rewrap   keysRewrap   `cmd:"" help:"Seal the key ring under another MOORING_KEY."`
}

type keysGenerate struct{}

func (keysGenerate) Run(p *program) error {
	_, err := fmt.Fprintln(p.out, vault.NewKey().Encode())
	return err
}

type keysList struct{}

func (keysList) Run(p *program) error {
	return p.with(func(s *accounts.Service) error {
		keys, err := s.Keys(p.ctx)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "KEY\tSECRETS\t")
		for _, k := range keys {
			note := ""
			if k.Primary {
				note = "seals what is new"
			}
			fmt.Fprintf(table, "%s\t%d\t%s\n", k.ID, k.Secrets, note)
		}
		return table.Flush()
	})
}

type keysAdd struct{}

func (keysAdd) Run(p *program) error {
	return p.with(func(s *accounts.Service) error {
		id, err := s.AddKey(p.ctx)
		if err == nil {
			fmt.Fprintf(p.out, "added key %s; next: mooring keys promote %s\n", id, id)
		}
		return err
	})
}

type keysPromote struct {
	Key vault.KeyID `arg:"" help:"Its id, see mooring keys list."`
}

func (k keysPromote) Run(p *program) error {
	return p.with(func(s *accounts.Service) error {
		err := s.PromoteKey(p.ctx, k.Key)
		if err == nil {
			fmt.Fprintf(p.out, "key %s seals from now on; next: mooring keys reseal\n", k.Key)
		}
		return err
	})
}

type keysReseal struct{}

func (keysReseal) Run(p *program) error {
	return p.with(func(s *accounts.Service) error {
		n, err := s.Reseal(p.ctx)
		fmt.Fprintf(p.out, "%d secrets sealed anew\n", n)
		return err
	})
}

type keysRemove struct {
	Key vault.KeyID `arg:"" help:"Its id, see mooring keys list."`
}

func (k keysRemove) Run(p *program) error {
	return p.with(func(s *accounts.Service) error {
		err := s.RemoveKey(p.ctx, k.Key)
		if err == nil {
			fmt.Fprintf(p.out, "removed key %s\n", k.Key)
		}
		return err
	})
}

type keysRewrap struct {
	KeyFile string `required:"" type:"existingfile" help:"A file with the new key, made with mooring keys generate."`
}

func (k keysRewrap) Run(p *program) error {
	next, err := readKeyFile(k.KeyFile)
	if err != nil {
		return err
	}
	return p.with(func(s *accounts.Service) error {
		err := s.Rewrap(p.ctx, next)
		if err == nil {
			fmt.Fprintf(p.out, "the key ring is sealed under %s; start all servers with that key now\n", next.ID())
		}
		return err
	})
}

type unknownCommand struct {
	Most int  `default:"20" help:"How many at most."`
	JSON bool `name:"json" help:"As JSON."`
}

func (u unknownCommand) Run(p *program) error {
	return p.with(func(s *accounts.Service) error {
		found, err := s.UnknownErrors(p.ctx, u.Most)
		if err != nil {
			return err
		}
		if u.JSON {
			return json.NewEncoder(p.out).Encode(found)
		}
		table := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "TIMES\tFIRST\tLAST\tPLATFORM | STAGE | STATUS | CODE | SUBCODE | WORDS")
		for _, e := range found {
			fmt.Fprintf(table, "%d\t%s\t%s\t%s\n", e.Times, day(e.FirstAt), day(e.LastAt), e.Fingerprint)
		}
		return table.Flush()
	})
}

type apiKeyCommands struct {
	Create apiKeyCreate `cmd:"" help:"Make an API key. It is shown once."`
	List   apiKeyList   `cmd:"" help:"List a workspace's API keys."`
	Revoke apiKeyRevoke `cmd:"" help:"Let an API key work no more."`
}

type apiKeyCreate struct {
	Workspace string            `required:"" help:"The workspace that the key acts in."`
	Scopes    []auth.Permission `required:"" help:"What it may do: read, connect, manage, import, lease, audit, admin, end."`
	Name      string            `default:"back end" help:"What it is for."`
	Days      int               `help:"After how many days it ends; never unless said."`
}

func (a apiKeyCreate) Run(p *program) error {
	var expires time.Time
	if a.Days > 0 {
		expires = time.Now().AddDate(0, 0, a.Days)
	}
	key, plain, err := auth.NewAPIKey(a.Workspace, a.Name, a.Scopes, expires, time.Now())
	if err != nil {
		return err
	}
	return p.with(func(s *accounts.Service) error {
		if err := s.CreateAPIKey(p.ctx, key, "cli"); err != nil {
			return err
		}
		_, err := fmt.Fprintln(p.out, plain)
		return err
	})
}

type apiKeyList struct {
	Workspace string `required:"" help:"The workspace."`
}

func (a apiKeyList) Run(p *program) error {
	return p.with(func(s *accounts.Service) error {
		keys, err := s.APIKeys(p.ctx, a.Workspace)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "ID\tNAME\tSCOPES\tCREATED\tEXPIRES\tREVOKED")
		for _, k := range keys {
			fmt.Fprintf(table, "%s\t%s\t%v\t%s\t%s\t%s\n", k.ID, k.Name, k.Scopes, day(k.CreatedAt), day(k.ExpiresAt), day(k.RevokedAt))
		}
		return table.Flush()
	})
}

// day is a date, or - for none.
func day(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Format(time.DateOnly)
}

type apiKeyRevoke struct {
	Workspace string `required:"" help:"The workspace."`
	ID        string `arg:"" help:"The key's id, see mooring apikey list."`
}

func (a apiKeyRevoke) Run(p *program) error {
	return p.with(func(s *accounts.Service) error {
		err := s.RevokeAPIKey(p.ctx, a.Workspace, a.ID, "cli")
		if err == nil {
			fmt.Fprintf(p.out, "revoked %s\n", a.ID)
		}
		return err
	})
}

type signInLink struct {
	Workspace string    `required:"" help:"The workspace that the person acts in."`
	User      string    `required:"" help:"Who signs in; their tokens, if there are any, name them so too."`
	Role      auth.Role `help:"What they become: owner, admin, member or viewer. Unless said what they are or, of newcomers, the owner of a workspace without one and a member of another."`
}

func (l signInLink) Run(p *program) error {
	c, _, err := p.config()
	if err != nil {
		return err
	}
	role := auth.Role(strings.ToUpper(string(l.Role)))
	switch public := cmp.Or(c.publicURL, localURL(c.listen)); {
	case !c.authenticates():
		return fmt.Errorf("mooring: nobody has to sign in here; set %s", waysIn)
	case !c.keepsSessions(public):
		return fmt.Errorf("mooring: people sign in over https only, and MOORING_PUBLIC_URL is %s", public)
	case role != "" && !role.OfPeople():
		return fmt.Errorf("mooring: %q is none of owner, admin, member, viewer", l.Role)
	}
	return p.with(func(s *accounts.Service) error {
		link, err := s.NewSignInLink(p.ctx, l.Workspace, l.User, role)
		if err == nil {
			fmt.Fprintf(p.out, "%s\nGood once, within the next 15 minutes.\n", link)
		}
		return err
	})
}

// signsIn says how people sign in.
func (c *config) signsIn() string {
	switch {
	case c.oidc.Issuer != "":
		return "sign in at " + c.oidc.Issuer
	case !c.keepsSessions(cmp.Or(c.publicURL, localURL(c.listen))):
		return "cannot sign in by a browser, for want of https"
	}
	return "sign in by the links of mooring signin-link and of invitations"
}
