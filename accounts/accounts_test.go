package accounts_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"mooring/accounts"
)

// Every order, read in pages of any size from either end, visits each account
// once.
func TestPagesVisitEachAccountOnce(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "twitter")
		const n = 11
		names := []string{"Zoë", "zoe", "", "10% _off_", `quote "`, "Rowan Ames", "ärger", "日本"}
		w.multiply(a, n-1, func(i int) string { return names[i%len(names)] }, func(i int) *int64 {
			if i%4 == 0 {
				return nil
			}
			return ptr(time.Now().Add(time.Duration(i/2) * time.Hour).UnixMilli())
		})
		w.connect(mallory, "twitter") // never to be seen
		list := func(t interface{ Fatalf(string, ...any) }, o accounts.Order, p accounts.Paging) *accounts.Page {
			page, err := w.Accounts(w.t.Context(), owner, accounts.Filter{}, o, p)
			if err != nil {
				t.Fatalf("Accounts(%+v) = %v", o, err)
			}
			return page
		}
		ids := func(page *accounts.Page) (all []string) {
			for _, a := range page.Accounts {
				all = append(all, a.ID)
			}
			return all
		}
		if total, err := w.CountAccounts(t.Context(), owner, accounts.Filter{}); total != n || err != nil {
			t.Errorf("CountAccounts() = %d, %v; want %d", total, err, n)
		}
		rapid.Check(t, func(t *rapid.T) {
			field := rapid.SampledFrom([]accounts.OrderField{"", accounts.OrderConnectedAt, accounts.OrderDisplayName, accounts.OrderExpiresAt}).Draw(t, "field")
			direction := rapid.SampledFrom([]accounts.Direction{"", accounts.Ascending, accounts.Descending}).Draw(t, "direction")
			order := accounts.Order{Field: field, Direction: direction}
			whole := list(t, order, accounts.Paging{First: ptr(accounts.PageSize)})
			all := ids(whole)
			if unique := slices.Compact(slices.Sorted(slices.Values(all))); len(all) != n || len(unique) != n || whole.HasNext || whole.HasPrevious {
				t.Fatalf("%+v lists %d, %d of them different, next %t, previous %t; want all %d", order, len(all), len(unique), whole.HasNext, whole.HasPrevious, n)
			}
			turned := accounts.Descending
			if direction == accounts.Descending {
				turned = accounts.Ascending
			}
			reversed := ids(list(t, accounts.Order{Field: field, Direction: turned}, accounts.Paging{First: ptr(accounts.PageSize)}))
			slices.Reverse(reversed)
			if !slices.Equal(reversed, all) {
				t.Fatalf("%+v turned round is %v; want %v", order, reversed, all)
			}

			size := rapid.IntRange(1, n+1).Draw(t, "size")
			var forward, backward []string
			for after := (*string)(nil); ; {
				page := list(t, order, accounts.Paging{First: &size, After: after})
				forward = append(forward, ids(page)...)
				if !page.HasNext || len(forward) > n {
					break
				}
				after = &page.Cursors[len(page.Cursors)-1]
			}
			for before := (*string)(nil); ; {
				page := list(t, order, accounts.Paging{Last: &size, Before: before})
				backward = append(ids(page), backward...)
				if !page.HasPrevious || len(backward) > n {
					break
				}
				before = &page.Cursors[0]
			}
			if !slices.Equal(forward, all) || !slices.Equal(backward, all) {
				t.Fatalf("%+v by %d: forward %v, backward %v; want %v", order, size, forward, backward, all)
			}

			from, to := rapid.IntRange(0, n-1).Draw(t, "from"), rapid.IntRange(0, n-1).Draw(t, "to")
			between := list(t, order, accounts.Paging{First: ptr(accounts.PageSize), After: &whole.Cursors[from], Before: &whole.Cursors[to]})
			if want := all[min(from+1, to):max(to, min(from+1, to))]; !slices.Equal(ids(between), want) {
				t.Fatalf("%+v between %d and %d: %v; want %v", order, from, to, ids(between), want)
			}
		})
	})
}

func TestBadPages(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.connect(owner, "twitter")
		byName, err := w.Accounts(t.Context(), owner, accounts.Filter{}, accounts.Order{Field: accounts.OrderDisplayName}, accounts.Paging{})
		if err != nil || len(byName.Accounts) != 1 {
			t.Fatalf("Accounts() = %+v, %v; want one", byName, err)
		}
		for name, p := range map[string]accounts.Paging{
			"first 0":                 {First: ptr(0)},
			"first -1":                {First: ptr(-1)},
			"first 101":               {First: ptr(accounts.PageSize + 1)},
			"last 0":                  {Last: ptr(0)},
			"last 101":                {Last: ptr(accounts.PageSize + 1)},
			"first and last":          {First: ptr(1), Last: ptr(1)},
			"after nothing":           {After: ptr("")},
			"after garbage":           {After: ptr("%%%")},
			"before garbage":          {Before: ptr("bm9uc2Vuc2U")},
			"after another order's":   {After: &byName.Cursors[0]},
			"before a shorter cursor": {Before: ptr(byName.Cursors[0][:len(byName.Cursors[0])/2])},
		} {
			_, err := w.Accounts(t.Context(), owner, accounts.Filter{}, accounts.Order{}, p)
			wantCode(t, name, err, accounts.CodeInvalid)
		}
		for _, first := range []int{0, 101} {
			_, err := w.Events(t.Context(), owner, accounts.EventFilter{}, accounts.Paging{First: &first})
			wantCode(t, fmt.Sprintf("Events(first: %d)", first), err, accounts.CodeInvalid)
		}
		if page, err := w.Accounts(t.Context(), owner, accounts.Filter{}, accounts.Order{}, accounts.Paging{First: ptr(accounts.PageSize)}); err != nil || len(page.Accounts) != 1 {
			t.Errorf("Accounts(first: 100) = %+v, %v; want one", page, err)
		}
	})
}

func TestFilters(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		connect := func(platform, persona, user string, labels ...string) string {
			a := w.run(w.begin(owner, accounts.ConnectRequest{Platform: platform, ExternalUserID: &user, Labels: labels}), "persona", persona)
			return a.AccountIDs[0]
		}
		names := map[string]string{
			connect("twitter", "rowan", "u-1", `say "hi"`, "100%", "VIP", "a,b"):     "rowan",
			connect("twitter", "mika", "u-2", "say", "100", "vip", "a", "b", "日本"):   "mika",
			connect("linkedin", "tomas", "u-2", "_under_", `back\slash`, "[", "<&>"): "tomas",
		}
		gone := connect("pinterest", "oak", "u-1", "VIP")
		names[gone] = "oak"
		if _, err := w.Disconnect(t.Context(), owner, gone); err != nil {
			t.Fatal(err)
		}
		w.connect(mallory, "twitter", "persona", "rowan")
		for _, test := range []struct {
			name   string
			filter accounts.Filter
			want   string
		}{
			{"nothing", accounts.Filter{}, "mika rowan tomas"},
			{"a platform", accounts.Filter{Platforms: []string{"twitter"}}, "mika rowan"},
			{"two platforms", accounts.Filter{Platforms: []string{"twitter", "linkedin"}}, "mika rowan tomas"},
			{"an unknown platform", accounts.Filter{Platforms: []string{"friendster"}}, ""},
			{"a user", accounts.Filter{ExternalUserIDs: []string{"u-2"}}, "mika tomas"},
			{"a user and a platform", accounts.Filter{ExternalUserIDs: []string{"u-2"}, Platforms: []string{"linkedin"}}, "tomas"},
			{"a status", accounts.Filter{Statuses: []accounts.Status{accounts.Healthy}}, "mika rowan tomas"},
			{"other statuses", accounts.Filter{Statuses: []accounts.Status{accounts.Expired, accounts.Unhealthy}}, ""},
			{"search for a name", accounts.Filter{Search: ptr("AMES")}, "rowan"},
			{"search for a handle", accounts.Filter{Search: ptr("mikaos")}, "mika"},
			{"search for an id", accounts.Filter{Search: ptr("mb7xk2")}, "tomas"},
			{"search for all", accounts.Filter{Search: ptr("")}, "mika rowan tomas"},
			{"search with a wildcard", accounts.Filter{Search: ptr("%")}, ""},
			{"search with another", accounts.Filter{Search: ptr("_")}, ""},
			{"search with an escape", accounts.Filter{Search: ptr(`\`)}, ""},
			{"search with a NUL", accounts.Filter{Search: ptr("am\x00es")}, "rowan"},
			{"search over the edge of a field", accounts.Filter{Search: ptr("ames\nrowan")}, "rowan"},
			{"label with quotes", accounts.Filter{Labels: []string{`say "hi"`}}, "rowan"},
			{"label that is the start of another", accounts.Filter{Labels: []string{"say"}}, "mika"},
			{"label that is within quotes of another", accounts.Filter{Labels: []string{"hi"}}, ""},
			{"label with percent", accounts.Filter{Labels: []string{"100%"}}, "rowan"},
			{"label without", accounts.Filter{Labels: []string{"100"}}, "mika"},
			{"label that is a wildcard", accounts.Filter{Labels: []string{"%"}}, ""},
			{"label with underscores", accounts.Filter{Labels: []string{"_under_"}}, "tomas"},
			{"label with letters for underscores", accounts.Filter{Labels: []string{"xunderx"}}, ""},
			{"label with a backslash", accounts.Filter{Labels: []string{`back\slash`}}, "tomas"},
			{"label with a bracket", accounts.Filter{Labels: []string{"["}}, "tomas"},
			{"label that JSON escapes", accounts.Filter{Labels: []string{"<&>"}}, "tomas"},
			{"label across the edge of two", accounts.Filter{Labels: []string{`a","b`}}, ""},
			{"label with a comma", accounts.Filter{Labels: []string{"a,b"}}, "rowan"},
			{"two labels", accounts.Filter{Labels: []string{"a", "b"}}, "mika"},
			{"label in Japanese", accounts.Filter{Labels: []string{"日本"}}, "mika"},
			{"label in upper case", accounts.Filter{Labels: []string{"VIP"}}, "rowan"},
			{"label in lower case", accounts.Filter{Labels: []string{"vip"}}, "mika"},
			{"disconnected", accounts.Filter{Disconnected: ptr(true)}, "oak"},
			{"disconnected with a label", accounts.Filter{Disconnected: ptr(true), Labels: []string{"100"}}, ""},
			{"not disconnected", accounts.Filter{Disconnected: ptr(false), Labels: []string{"VIP"}}, "rowan"},
		} {
			page, err := w.Accounts(t.Context(), owner, test.filter, accounts.Order{}, accounts.Paging{})
			if err != nil {
				t.Errorf("%s: Accounts() = %v", test.name, err)
				continue
			}
			var found []string
			for _, a := range page.Accounts {
				found = append(found, names[a.ID])
			}
			slices.Sort(found)
			if got := strings.Join(found, " "); got != test.want {
				t.Errorf("%s: Accounts() = %q; want %q", test.name, got, test.want)
			}
			if total, err := w.CountAccounts(t.Context(), owner, test.filter); total != len(found) || err != nil {
				t.Errorf("%s: CountAccounts() = %d, %v; want %d", test.name, total, err, len(found))
			}
		}
	})
}

func TestSetLabels(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "twitter")
		got, err := w.SetLabels(t.Context(), owner, a.ID, []string{" eu ", "press", "eu"})
		if err != nil || !slices.Equal(got.Labels, []string{"eu", "press"}) {
			t.Errorf("SetLabels() = %v, %v; want eu, press", got, err)
		}
		if got, err = w.SetLabels(t.Context(), owner, a.ID, nil); err != nil || len(got.Labels) != 0 {
			t.Errorf("SetLabels(none) = %v, %v; want none", got, err)
		}
		var many []string
		for i := range 21 {
			many = append(many, fmt.Sprint(i))
		}
		_, err = w.SetLabels(t.Context(), owner, a.ID, many)
		wantCode(t, "SetLabels() of 21", err, accounts.CodeInvalid)
		if got, err = w.SetLabels(t.Context(), owner, a.ID, many[:20]); err != nil || len(got.Labels) != 20 {
			t.Errorf("SetLabels() of 20 = %v, %v; want all", got, err)
		}
		events := w.events(accounts.AccountLabelsSet, accounts.EventFilter{Types: []accounts.EventType{accounts.AccountLabelsSet}})
		if len(events) != 3 || *events[0].Actor != "olive" || *events[0].AccountID != a.ID || *events[0].Platform != "twitter" {
			t.Errorf("events = %v; want three of olive about %s", types(events), a.ID)
		}
	})
}

// The overview's counts are those of the list with the same filters.
func TestOverviewCountsWhatIsListed(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "twitter")
		w.connect(owner, "linkedin", "persona", "tomas")
		w.multiply(a, 40, func(i int) string { return fmt.Sprint("x", i) }, func(i int) *int64 {
			return ptr(time.Now().Add(time.Duration(i-10)*time.Hour - 30*time.Minute).UnixMilli())
		})
		gone := w.connect(owner, "tiktok")
		if _, err := w.Disconnect(t.Context(), owner, gone.ID); err != nil {
			t.Fatal(err)
		}
		w.exec(1, "UPDATE accounts SET verdict = 'REVOKED' WHERE external_id = 'x7'")
		w.exec(1, "UPDATE accounts SET paused_at = 1 WHERE external_id = 'x8'")
		w.exec(1, "UPDATE accounts SET failing = 'PLATFORM_DOWN', auto_refresh = 1, expires_at = NULL WHERE external_id = 'x9'")
		o, err := w.Overview(t.Context(), owner)
		if err != nil || o.TotalAccounts != 42 || len(o.ByPlatform) != 2 {
			t.Fatalf("Overview() = %+v, %v; want 42 accounts of two platforms", o, err)
		}
		for _, by := range o.ByStatus {
			n, err := w.CountAccounts(t.Context(), owner, accounts.Filter{Statuses: []accounts.Status{by.Status}})
			if n != by.Count || err != nil {
				t.Errorf("%d are %s, but CountAccounts() = %d, %v", by.Count, by.Status, n, err)
			}
			page, err := w.Accounts(t.Context(), owner, accounts.Filter{Statuses: []accounts.Status{by.Status}}, accounts.Order{}, accounts.Paging{First: ptr(100)})
			if err != nil || len(page.Accounts) != by.Count || by.Count == 0 {
				t.Errorf("%d are %s, but %d are listed, %v", by.Count, by.Status, len(page.Accounts), err)
			}
		}
		for _, by := range o.ByPlatform {
			n, err := w.CountAccounts(t.Context(), owner, accounts.Filter{Platforms: []string{by.Platform.ID}})
			if n != by.Count || err != nil {
				t.Errorf("%d are of %s, but CountAccounts() = %d, %v", by.Count, by.Platform.ID, n, err)
			}
		}
		if len(o.NextExpiries) != 10 {
			t.Fatalf("%d next expiries; want 10", len(o.NextExpiries))
		}
		last := time.Now()
		for _, a := range o.NextExpiries {
			if a.Health.ExpiresAt.Before(last) {
				t.Errorf("next expiries have %s after %s; want the first first, none over", a.Health.ExpiresAt, last)
			}
			last = a.Health.ExpiresAt
		}
	})
}
