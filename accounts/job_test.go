package accounts_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mooring/accounts"
	"mooring/auth"
	"mooring/diagnosis"
)

// job begins a bulk job.
func (w *world) job(in accounts.BulkJobRequest) *accounts.BulkJob {
	w.t.Helper()
	j, err := w.StartBulkJob(w.t.Context(), owner, in)
	if err != nil {
		w.t.Fatalf("StartBulkJob(%+v) = %v", in, err)
	}
	return j
}

// finish watches a job until it ends, and wants its progress only to grow.
func (w *world) finish(id string) *accounts.BulkJob {
	w.t.Helper()
	changes, err := w.BulkJobChanges(w.t.Context(), owner, id)
	if err != nil {
		w.t.Fatal(err)
	}
	last := -1
	for {
		j := next(w.t, changes)
		if j.Done < last || j.Done > j.Total || j.Succeeded()+j.Unneeded+j.Failed != j.Done {
			w.t.Errorf("progress goes from %d to %d of %d, %d of them failed; want it to grow", last, j.Done, j.Total, j.Failed)
		}
		last = j.Done
		if j.Status != accounts.JobRunning {
			if _, open := <-changes; open {
				w.t.Error("the stream goes on after the end; want it closed")
			}
			return j
		}
	}
}

// results are what came of a job's accounts, as text by account.
func (w *world) results(j *accounts.BulkJob) map[string]string {
	w.t.Helper()
	all := map[string]string{}
	two := 2
	var after *string
	for {
		p, err := w.BulkJobResults(w.t.Context(), owner, j, nil, &two, after)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, r := range p.Results {
			code := accounts.Code("")
			if r.Code != nil {
				code = *r.Code
			}
			if r.Account == nil || r.Account.ID != r.AccountID || r.FinishedAt.IsZero() != (r.Outcome == accounts.OutcomePending) {
				w.t.Errorf("result = %+v; want its account, and when it was done", r)
			}
			all[r.AccountID] = strings.TrimSpace(fmt.Sprint(r.Outcome, " ", code))
		}
		if !p.HasNext {
			return all
		}
		after = &p.Cursors[len(p.Cursors)-1]
	}
}

// A job does its action to the accounts that the filter left when it began, and
// says of each what came of it.
func TestBulkJob(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		x, tiktok, pinterest := w.connect(owner, "twitter"), w.connect(owner, "tiktok"), w.connect(owner, "pinterest")
		w.connect(mallory, "twitter", "persona", "mika")
		if _, err := w.Pause(t.Context(), owner, tiktok.ID, nil); err != nil {
			t.Fatal(err)
		}
		before := w.requests("twitter", "token")
		refresh := w.job(accounts.BulkJobRequest{Action: accounts.BulkRefresh, Force: true})
		late := w.connect(owner, "linkedin")
		done := w.finish(refresh.ID)
		if done.Total != 3 || done.Done != 3 || done.Failed != 1 || done.Status != accounts.JobDone || done.EndedAt.IsZero() {
			t.Errorf("the job = %+v; want three done, one failed", done)
		}
		want := map[string]string{x.ID: "SUCCEEDED", tiktok.ID: "FAILED PAUSED", pinterest.ID: "SUCCEEDED"}
		if diff := cmp.Diff(want, w.results(done)); diff != "" {
			t.Errorf("results (-want +got):\n%s", diff)
		}
		failed := accounts.OutcomeFailed
		if p, err := w.BulkJobResults(t.Context(), owner, done, &failed, nil, nil); err != nil || len(p.Results) != 1 || p.Results[0].AccountID != tiktok.ID || p.Results[0].Message == nil {
			t.Errorf("failed results = %v, %v; want TikTok's with a message", p.Results, err)
		}
		if n := w.requests("twitter", "token") - before; n != 1 {
			t.Errorf("X was asked for %d refreshes; want 1", n)
		}
		for _, tt := range []struct {
			action accounts.BulkAction
			filter accounts.Filter
			want   map[string]string
		}{
			{accounts.BulkRefresh, accounts.Filter{IDs: []string{x.ID, late.ID}}, map[string]string{x.ID: "UNNEEDED", late.ID: "UNNEEDED"}},
			{accounts.BulkValidate, accounts.Filter{IDs: []string{x.ID, late.ID}}, map[string]string{x.ID: "SUCCEEDED", late.ID: "SUCCEEDED"}},
			{accounts.BulkCheckPermissions, accounts.Filter{Platforms: []string{"linkedin"}}, map[string]string{late.ID: "SUCCEEDED"}},
			{accounts.BulkCheckHealth, accounts.Filter{Platforms: []string{"pinterest", "tiktok"}}, map[string]string{pinterest.ID: "SUCCEEDED", tiktok.ID: "FAILED PAUSED"}},
			{accounts.BulkDisconnect, accounts.Filter{IDs: []string{x.ID, tiktok.ID}}, map[string]string{x.ID: "SUCCEEDED", tiktok.ID: "SUCCEEDED"}},
		} {
			got := w.results(w.finish(w.job(accounts.BulkJobRequest{Action: tt.action, Filter: tt.filter}).ID))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.action, diff)
			}
		}
		if w.account(owner, late.ID).DisconnectedAt.IsZero() == w.account(owner, x.ID).DisconnectedAt.IsZero() {
			t.Error("X is connected, or LinkedIn is not; want only those named to be disconnected")
		}
		var types []accounts.EventType
		for _, e := range w.events(accounts.BulkJobEnded, accounts.EventFilter{Types: []accounts.EventType{accounts.BulkJobCreated, accounts.BulkJobEnded}}) {
			if e.BulkID != nil && *e.BulkID == refresh.ID {
				types = append(types, e.Type)
			}
		}
		if !slices.Equal(types, []accounts.EventType{accounts.BulkJobCreated, accounts.BulkJobEnded}) {
			t.Errorf("events of the job = %v; want its beginning and its end", types)
		}
	})
}

// A job goes on where it stopped, whatever became of whoever worked on it, and
// does nothing twice.
func TestBulkJobOutlivesItsWorkers(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		x, tiktok, pinterest, linkedin := w.connect(owner, "twitter"), w.connect(owner, "tiktok"), w.connect(owner, "pinterest"), w.connect(owner, "linkedin")
		w.stop()
		idle, err := accounts.Open(t.Context(), w.options) // works on nothing
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = idle.Close() }()
		w.Service = idle
		refresh := w.job(accounts.BulkJobRequest{Action: accounts.BulkRefresh, Force: true, Filter: accounts.Filter{IDs: []string{x.ID, tiktok.ID, pinterest.ID}}})
		before := w.requests("twitter", "token")
		// One was done, and the worker has died while it held another.
		w.exec(1, "UPDATE bulk_job_items SET outcome = 'SUCCEEDED', finished_at = ? WHERE job_id = ? AND account_id = ?", time.Now().UnixMilli(), refresh.ID, x.ID)
		w.exec(1, "UPDATE bulk_jobs SET done = 1 WHERE id = ?", refresh.ID)
		w.exec(1, "UPDATE bulk_job_items SET claimed_until = ? WHERE job_id = ? AND account_id = ?", time.Now().Add(2*time.Second).UnixMilli(), refresh.ID, tiktok.ID)

		gone := w.job(accounts.BulkJobRequest{Action: accounts.BulkDisconnect, Filter: accounts.Filter{IDs: []string{pinterest.ID, linkedin.ID}}})
		reconnected := w.run(w.begin(owner, accounts.ConnectRequest{Platform: "linkedin", AccountID: &linkedin.ID}))
		if reconnected.Status != accounts.AttemptDone {
			t.Fatalf("reconnecting is %s, %s", reconnected.Status, says(reconnected.Diagnosis))
		}
		w.Service, w.stop = w.start(w.options)
		if w.postgres() {
			w.replica()
		}
		if got := w.finish(refresh.ID); got.Done != 3 {
			t.Errorf("the job = %+v; want all three done", got)
		}
		if n := w.requests("twitter", "token") - before; n != 0 {
			t.Errorf("what was done is done again, %d times", n)
		}
		want := map[string]string{pinterest.ID: "SUCCEEDED", linkedin.ID: "FAILED WRONG_STATE"}
		if diff := cmp.Diff(want, w.results(w.finish(gone.ID))); diff != "" {
			t.Errorf("disconnecting (-want +got):\n%s", diff)
		}
		if a := w.account(owner, linkedin.ID); !a.DisconnectedAt.IsZero() {
			t.Error("what was reconnected after the job had begun is disconnected; want it left alone")
		}
	})
}

// An account is disconnected and its item finished in one transaction: when the
// platform is told, which may never end, nobody can do it a second time.
func TestADisconnectFinishesItsItem(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		x := w.connect(owner, "twitter")
		finished := make(chan int, 1)
		var first sync.Once // the others may come when the test is over
		w.wire.on(func(path string) {
			if strings.HasSuffix(path, "/revoke") {
				first.Do(func() { finished <- w.count("SELECT count(*) FROM bulk_job_items WHERE outcome = 'SUCCEEDED'") })
			}
		})
		w.raw() // opened by this goroutine
		w.finish(w.job(accounts.BulkJobRequest{Action: accounts.BulkDisconnect, Filter: accounts.Filter{IDs: []string{x.ID}}}).ID)
		if n := next(t, finished); n != 1 {
			t.Errorf("when X is told, %d items are finished; want 1", n)
		}
	})
}

// A graceful stop finishes what is under way; the rest is done after it.
func TestBulkJobAndARestart(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		var ids []string
		for _, platform := range []string{"twitter", "tiktok", "pinterest", "linkedin", "google_youtube"} {
			ids = append(ids, w.connect(owner, platform).ID)
		}
		held := w.wire.hold(tokenPaths["twitter"])
		j := w.job(accounts.BulkJobRequest{Action: accounts.BulkRefresh, Force: true})
		select {
		case <-held.given:
		case <-time.After(10 * time.Second):
			t.Fatal("nobody asks X")
		}
		stopped := make(chan struct{})
		go func() { w.stop(); close(stopped) }()
		held.release()
		<-stopped
		if n := w.count("SELECT count(*) FROM bulk_job_items WHERE outcome = 'PENDING' AND claimed_until > 0"); n != 0 {
			t.Errorf("%d accounts are claimed by nobody; want what was under way to be finished", n)
		}
		w.Service, w.stop = w.start(w.options)
		if done := w.finish(j.ID); done.Done != len(ids) || done.Failed != 0 {
			t.Errorf("the job = %+v, %v; want all done", done, w.results(done))
		}
		if n := w.requests("twitter", "token"); n != 2 { // the connect, and one refresh
			t.Errorf("X's token endpoint was asked %d times; want 2", n)
		}
	})
}

func TestBulkJobRefusesBadInput(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		x := w.connect(owner, "twitter")
		foreign := w.connect(mallory, "twitter", "persona", "mika")
		gone := w.connect(owner, "linkedin")
		if _, err := w.Disconnect(t.Context(), owner, gone.ID); err != nil {
			t.Fatal(err)
		}
		nul, empty := "a\x00", ""
		for name, tt := range map[string]struct {
			in    accounts.BulkJobRequest
			code  accounts.Code
			field string
		}{
			"the disconnected":        {accounts.BulkJobRequest{Action: accounts.BulkValidate, Filter: accounts.Filter{Disconnected: ptr(true)}}, accounts.CodeInvalid, "filter"},
			"everything disconnected": {accounts.BulkJobRequest{Action: accounts.BulkDisconnect, Filter: accounts.Filter{Search: &empty}}, accounts.CodeInvalid, "filter"},
			"an empty list":           {accounts.BulkJobRequest{Action: accounts.BulkRefresh, Filter: accounts.Filter{IDs: []string{}}}, accounts.CodeInvalid, "accountIds"},
			"an unknown account":      {accounts.BulkJobRequest{Action: accounts.BulkRefresh, Filter: accounts.Filter{IDs: []string{x.ID, "acc_0"}}}, accounts.CodeNotFound, "accountIds"},
			"a foreign account":       {accounts.BulkJobRequest{Action: accounts.BulkRefresh, Filter: accounts.Filter{IDs: []string{foreign.ID}}}, accounts.CodeNotFound, "accountIds"},
			"a tombstone":             {accounts.BulkJobRequest{Action: accounts.BulkRefresh, Filter: accounts.Filter{IDs: []string{gone.ID}}}, accounts.CodeNotFound, "accountIds"},
			"too many ids":            {accounts.BulkJobRequest{Action: accounts.BulkRefresh, Filter: accounts.Filter{IDs: make([]string, 1001)}}, accounts.CodeInvalid, "accountIds"},
			"nothing left":            {accounts.BulkJobRequest{Action: accounts.BulkRefresh, Filter: accounts.Filter{Labels: []string{"nobody"}}}, accounts.CodeInvalid, "filter"},
			"a NUL":                   {accounts.BulkJobRequest{Action: accounts.BulkRefresh, Filter: accounts.Filter{ExternalUserIDs: []string{nul}}}, accounts.CodeInvalid, "filter"},
			"a mutation id's NUL":     {accounts.BulkJobRequest{Action: accounts.BulkRefresh, ClientMutationID: &nul}, accounts.CodeInvalid, "clientMutationId"},
		} {
			_, err := w.StartBulkJob(t.Context(), owner, tt.in)
			if e := expected(t, err); e.Code != tt.code || !slices.Equal(e.Field, []string{tt.field}) || e.Message == "" {
				t.Errorf("%s: StartBulkJob() = %+v; want %s of %s", name, e, tt.code, tt.field)
			}
		}
		if n := w.count("SELECT count(*) FROM bulk_jobs"); n != 0 {
			t.Errorf("%d jobs are stored; want none", n)
		}
	})
}

// A workspace has five jobs at once, a job 10,000 accounts; the same request
// begins one job; and a job that is cancelled does nothing more.
func TestBulkJobLimits(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		x := w.connect(owner, "twitter")
		w.stop()
		idle, err := accounts.Open(t.Context(), w.options)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = idle.Close() }()
		w.Service = idle
		name := "job 1"
		in := accounts.BulkJobRequest{Action: accounts.BulkRefresh, Force: true, ClientMutationID: &name}
		first := w.job(in)
		if again := w.job(in); again.ID != first.ID {
			t.Errorf("the request repeated begins %s; want %s", again.ID, first.ID)
		}
		in.ClientMutationID = nil
		for range 4 {
			w.job(in)
		}
		_, err = w.StartBulkJob(t.Context(), owner, in)
		wantCode(t, "the sixth job", err, accounts.CodeWrongState)
		if cancelled, err := w.CancelBulkJob(t.Context(), owner, first.ID); err != nil || cancelled.Status != accounts.JobCancelled || cancelled.Done != 0 {
			t.Errorf("CancelBulkJob() = %+v, %v; want it cancelled, with nothing done", cancelled, err)
		}
		_, err = w.CancelBulkJob(t.Context(), owner, first.ID)
		wantCode(t, "cancelling twice", err, accounts.CodeWrongState)
		for _, by := range []auth.Actor{mallory} {
			_, err = w.CancelBulkJob(t.Context(), by, first.ID)
			wantCode(t, "cancelling from elsewhere", err, accounts.CodeNotFound)
			_, err = w.BulkJob(t.Context(), by, first.ID)
			wantCode(t, "looking from elsewhere", err, accounts.CodeNotFound)
		}
		w.exec(10_000, `INSERT INTO accounts (id, workspace, platform, external_id, grant_id, kind, display_name, labels, search,
				connected_at, connected_by, verdict, status, reason, since)
			WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 10000)
			SELECT 'acc_' || n, a.workspace, a.platform, 'x' || n, a.grant_id, a.kind, a.display_name, a.labels, a.search,
				a.connected_at, a.connected_by, a.verdict, a.status, a.reason, a.since FROM accounts a, counted WHERE a.id = ?`, x.ID)
		_, err = w.StartBulkJob(t.Context(), owner, in)
		if e := expected(t, err); e.Code != accounts.CodeInvalid || !strings.Contains(e.Message, "10000") {
			t.Errorf("a job of 10,001 accounts = %+v; want INVALID", e)
		}
		w.exec(1, "DELETE FROM accounts WHERE id = 'acc_1'")
		if most := w.job(in); most.Total != 10_000 {
			t.Errorf("the job has %d accounts; want 10,000", most.Total)
		}
	})
}

// What failed at a platform says why, as the single mutation does.
func TestBulkJobFailuresAreDiagnosed(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		x := w.connect(owner, "twitter")
		w.revokeAll()
		j := w.finish(w.job(accounts.BulkJobRequest{Action: accounts.BulkRefresh, Force: true}).ID)
		p, err := w.BulkJobResults(t.Context(), owner, j, nil, nil, nil)
		if err != nil || len(p.Results) != 1 || p.Results[0].AccountID != x.ID {
			t.Fatalf("BulkJobResults() = %+v, %v; want one", p, err)
		}
		if r := p.Results[0]; r.Outcome != accounts.OutcomeFailed || r.Diagnosis == nil || r.Diagnosis.IssueType != diagnosis.RevokedAccess {
			t.Errorf("the result = %+v, %s; want the diagnosis", r, says(r.Diagnosis))
		}
	})
}
