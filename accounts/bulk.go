package accounts

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jmoiron/sqlx"

	"mooring/auth"
	"mooring/diagnosis"
	"mooring/platforms"
)

const (
	// bulkLife is how long the links of a bulk connect work.
	bulkLife = 24 * time.Hour
	// measuredFrom is how many people must have gone through a platform's consent
	// before their time counts for more than the catalogue's, and measuredBy how
	// many of the latest are looked at.
	measuredFrom, measuredBy = 5, 101

	bulkPrefix     = "blk_"
	bulkItemPrefix = "bki_"
	purposeConnect = "connect"
)

// BulkConnect takes a person through the consent of several platforms, one after
// the other. It is made of items, each a consent, whose links make their attempts
// only when they are opened. How far it is follows from the attempts; nothing of
// it is kept in memory.
type BulkConnect struct {
	ID                   string
	Workspace            string
	Status               BulkStatus
	TotalPlatforms       int // in Sequence
	EstimatedTimeMinutes int
	Sequence             []*BulkItem
	Skipped              []SkippedPlatform
	Progress             BulkProgress
	Current              *BulkItem // the first under way, nil while none is
	NextAuthorizationURL *string   // of the first that waits; nil while none does
	ReturnTo             string    // where the browser goes at the end; "" for Mooring's own page
	CreatedAt            time.Time
	CreatedBy            string
	ExpiresAt            time.Time
}

// IsNode marks a type of the schema's Node interface.
func (*BulkConnect) IsNode() {}

// BulkStatus says whether a bulk connect goes on.
type BulkStatus string

// The statuses of a bulk connect.
const (
	BulkOpen    BulkStatus = "OPEN"      // something waits, is under way, or can be tried again
	BulkDone    BulkStatus = "COMPLETED" // all is connected or was skipped
	BulkGivenUp BulkStatus = "CANCELLED"
	BulkTooLate BulkStatus = "EXPIRED"
)

// BulkItemStatus says how far an item, or one platform of it, is.
type BulkItemStatus string

// The statuses of an item.
const (
	ItemPending BulkItemStatus = "PENDING"     // nobody has opened its link
	ItemOpen    BulkItemStatus = "IN_PROGRESS" // its attempt waits for the person
	ItemDone    BulkItemStatus = "COMPLETED"
	ItemFailed  BulkItemStatus = "FAILED" // to be tried again by the same link
	ItemSkipped BulkItemStatus = "SKIPPED"
)

// BulkItem is one consent of a bulk connect.
type BulkItem struct {
	ID               string
	Platform         *Platform // the first of Platforms
	Platforms        []BulkItemPlatform
	LoginMethod      string
	Status           BulkItemStatus
	AuthorizationURL *string  // where to send the person; nil when there is nothing left to do
	Attempt          *Attempt // the latest; nil before the first
}

// BulkItemPlatform is one of the platforms that an item's consent is for.
type BulkItemPlatform struct {
	Platform  *Platform
	Status    BulkItemStatus
	Diagnosis *diagnosis.Diagnosis // of a failure
}

// BulkProgress counts the platforms of a bulk connect.
type BulkProgress struct{ Completed, InProgress, Pending, Failed, Skipped int }

// SkippedPlatform is a platform that could not be taken into the sequence.
type SkippedPlatform struct {
	Platform     *Platform
	FailedChecks []platforms.Check
}

// BulkConnectRequest is what to connect in one go.
type BulkConnectRequest struct {
	Platforms      []string
	Capabilities   []platforms.Capability // of each platform those that it offers
	ReturnTo       *string                // Mooring's own page unless said
	ExternalUserID *string
	Labels         []string
	// ClientMutationID, if set, makes a repeated request of the same caller answer
	// with what the first one made.
	ClientMutationID *string
}

// BulkConnect prepares a bulk connect: the platforms that are ready, the easiest
// first, those of one login in one consent. The others are named in Skipped. The
// person then opens NextAuthorizationURL.
func (s *Service) BulkConnect(ctx context.Context, by auth.Actor, in BulkConnectRequest) (*BulkConnect, error) {
	now := present()
	row := &bulkRow{
		ID: newID(bulkPrefix), Workspace: by.Workspace, CreatedBy: by.User,
		CreatedAt: instant{now}, ExpiresAt: instant{now.Add(bulkLife)},
	}
	var err error
	if row.ClientMutationID, err = checkMutationID(in.ClientMutationID); err != nil {
		return nil, err
	}
	if row.Labels, err = checkLabels(in.Labels); err != nil {
		return nil, err
	}
	if err := checkExternalUserID(in.ExternalUserID); err != nil {
		return nil, err
	}
	if in.ReturnTo != nil && !s.MayReturnTo(*in.ReturnTo) {
		return nil, foreignReturn(*in.ReturnTo)
	}
	row.ExternalUserID, row.ReturnTo = text(in.ExternalUserID), text(in.ReturnTo)
	wanted, err := s.distinct(in.Platforms)
	if err != nil {
		return nil, err
	}
	items, skipped := s.line(row, wanted, in.Capabilities)
	row.Skipped.v = skipped
	if row.Minutes, err = s.estimate(ctx, items); err != nil {
		return nil, err
	}
	id, err := s.insertBulk(ctx, row, items)
	if err != nil {
		return nil, err
	}
	return s.BulkConnectByID(ctx, by, id)
}

// checkMutationID refuses what no database holds. An empty id is none.
func checkMutationID(id *string) (*string, error) {
	const longest = 256 // bytes
	if text(id) == "" {
		return nil, nil //nolint:nilnil // NULL, which is unlike any other
	}
	if len(*id) > longest || !utf8.ValidString(*id) || strings.ContainsRune(*id, 0) {
		return nil, invalid("clientMutationId", "The clientMutationId must be text of at most %d bytes, without NUL.", longest)
	}
	return id, nil
}

// distinct finds platforms, the easiest first.
func (s *Service) distinct(ids []string) ([]*Platform, error) {
	if len(ids) == 0 {
		return nil, invalid("platforms", "Name at least one platform.")
	}
	var found []*Platform
	for _, id := range ids {
		p := s.platforms[id]
		if p == nil {
			return nil, notFound("platforms", "platform", id)
		}
		if slices.Contains(found, p) {
			return nil, invalid("platforms", "%s is named twice.", id)
		}
		found = append(found, p)
	}
	slices.SortFunc(found, func(a, b *Platform) int {
		return cmp.Or(hardness(a)-hardness(b), a.RecommendedRank-b.RecommendedRank)
	})
	return found, nil
}

func hardness(p *Platform) int {
	return slices.Index([]platforms.Difficulty{platforms.Easy, platforms.Medium, platforms.Hard}, p.Difficulty)
}

// bulkMember is a platform as an item asks for it. It is stored as JSON.
type bulkMember struct {
	Platform     string                 `json:"platform"`
	LoginMethod  string                 `json:"loginMethod"`
	Capabilities []platforms.Capability `json:"capabilities,omitempty"`
}

// unready is a platform left out, as it is stored.
type unready struct {
	Platform     string            `json:"platform"`
	FailedChecks []platforms.Check `json:"failedChecks"`
}

// line puts platforms into a line of consents, and leaves out those that cannot
// be connected.
func (s *Service) line(row *bulkRow, wanted []*Platform, capable []platforms.Capability) (items []*bulkItemRow, left []unready) {
	left = []unready{}
	for _, p := range wanted {
		m, failed := p.preparable(capable)
		if len(failed) > 0 {
			left = append(left, unready{p.ID, failed})
			continue
		}
		method := p.login(m.LoginMethod)
		at := slices.IndexFunc(items, func(i *bulkItemRow) bool {
			first := i.Members.v[0]
			return sharesConsent(s.platforms[first.Platform].login(first.LoginMethod).app, method.app)
		})
		if at >= 0 {
			items[at].Members.v = append(items[at].Members.v, m)
			continue
		}
		items = append(items, &bulkItemRow{
			ID: newID(bulkItemPrefix), BulkID: row.ID, Workspace: row.Workspace, Place: len(items), Members: object[[]bulkMember]{[]bulkMember{m}},
		})
	}
	return items, left
}

// preparable says how a platform is to be asked for, or what keeps it from being
// connected. Capabilities that it does not offer are not asked of it.
func (p *Platform) preparable(wanted []platforms.Capability) (bulkMember, []platforms.Check) {
	method := p.login("")
	if !method.Ready {
		return bulkMember{}, method.flaws
	}
	offered := method.Capabilities()
	asked := slices.DeleteFunc(slices.Clone(wanted), func(c platforms.Capability) bool { return !slices.Contains(offered, c) })
	if len(asked) == 0 && len(wanted) > 0 {
		return bulkMember{}, []platforms.Check{{
			Name: "Capabilities", Status: platforms.Fail,
			Message: fmt.Sprintf("%s offers none of %v; it offers %v.", p.DisplayName, wanted, offered),
		}}
	}
	return bulkMember{p.ID, method.ID, asked}, nil
}

// estimate returns how many minutes a person needs for the items: as long as
// others have needed here, or else as long as the catalogue says.
func (s *Service) estimate(ctx context.Context, items []*bulkItemRow) (int, error) {
	var all time.Duration
	for _, i := range items {
		var longest time.Duration
		for _, m := range i.Members.v {
			longest = max(longest, time.Duration(s.platforms[m.Platform].SetupMinutes)*time.Minute)
		}
		measured, err := s.consentTimes(ctx, i.Members.v[0].Platform, measuredBy)
		if err != nil {
			return 0, err
		}
		if len(measured) >= measuredFrom {
			slices.Sort(measured)
			longest = measured[len(measured)/2]
		}
		all += longest
	}
	return int(math.Ceil(all.Minutes())), nil
}

// BulkConnectByID returns a bulk connect as it is now, or an *Error with
// CodeNotFound if the actor's workspace has none of that id.
func (s *Service) BulkConnectByID(ctx context.Context, by auth.Actor, id string) (*BulkConnect, error) {
	return s.bulkNamed(ctx, by.Workspace, "id", id)
}

// UnfinishedBulkConnects returns those of the actor's own, of the latest 20, that are
// open, the latest first.
func (s *Service) UnfinishedBulkConnects(ctx context.Context, by auth.Actor) ([]*BulkConnect, error) {
	ids, err := s.goingBulks(ctx, by, present())
	if err != nil {
		return nil, err
	}
	open := []*BulkConnect{}
	for _, id := range ids {
		b, err := s.BulkConnectByID(ctx, by, id)
		if err != nil {
			return nil, err
		}
		if b.Status == BulkOpen {
			open = append(open, b)
		}
	}
	return open, nil
}

// bulkNamed is BulkConnectByID for the id in an input field.
func (s *Service) bulkNamed(ctx context.Context, workspace, field, id string) (*BulkConnect, error) {
	row, items, err := readBulk(ctx, s.db.read, workspace, id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, notFound(field, "bulk connect", id)
	}
	if err != nil {
		return nil, err
	}
	return s.bulk(ctx, s.db.read, row, items)
}

// bulk makes the domain's BulkConnect of its rows.
func (s *Service) bulk(ctx context.Context, q querier, row *bulkRow, items []*bulkItemRow) (*BulkConnect, error) {
	b := &BulkConnect{
		ID: row.ID, Workspace: row.Workspace, EstimatedTimeMinutes: row.Minutes, Sequence: []*BulkItem{}, Skipped: []SkippedPlatform{},
		ReturnTo: row.ReturnTo, CreatedAt: row.CreatedAt.Time, CreatedBy: row.CreatedBy, ExpiresAt: row.ExpiresAt.Time,
	}
	for _, u := range row.Skipped.v {
		b.Skipped = append(b.Skipped, SkippedPlatform{s.platforms[u.Platform], u.FailedChecks})
	}
	attempts, err := s.attemptsOf(ctx, q, row.Workspace, items)
	if err != nil {
		return nil, err
	}
	over, left := row.ended(present()), false
	for _, i := range items {
		item := s.bulkItem(i, attempts[i.AttemptID])
		left = left || item.unfinished()
		if over != "" {
			item.close()
		}
		b.Sequence = append(b.Sequence, item)
		b.TotalPlatforms += len(item.Platforms)
		b.Progress.count(item)
		switch {
		case item.Status == ItemOpen && b.Current == nil:
			b.Current = item
		case item.Status == ItemPending && b.NextAuthorizationURL == nil:
			b.NextAuthorizationURL = item.AuthorizationURL
		}
	}
	switch {
	case !left:
		b.Status = BulkDone
	case over != "":
		b.Status = over
	default:
		b.Status = BulkOpen
	}
	return b, nil
}

// ended says why a bulk connect is over, whatever became of its items; "" if it
// is not.
func (r *bulkRow) ended(now time.Time) BulkStatus {
	switch {
	case !r.CancelledAt.IsZero():
		return BulkGivenUp
	case !r.ExpiresAt.After(now):
		return BulkTooLate
	}
	return ""
}

func (p *BulkProgress) count(item *BulkItem) {
	for _, m := range item.Platforms {
		switch m.Status {
		case ItemDone:
			p.Completed++
		case ItemOpen:
			p.InProgress++
		case ItemFailed:
			p.Failed++
		case ItemSkipped:
			p.Skipped++
		default:
			p.Pending++
		}
	}
}

// bulkItem makes the domain's BulkItem of a row and its latest attempt, which is
// nil before the first.
func (s *Service) bulkItem(row *bulkItemRow, attempt *Attempt) *BulkItem {
	first := row.Members.v[0]
	item := &BulkItem{
		ID: row.ID, Platform: s.platforms[first.Platform], LoginMethod: first.LoginMethod,
		Status: row.status(attempt), Attempt: attempt,
	}
	for _, m := range row.Members.v {
		p := BulkItemPlatform{Platform: s.platforms[m.Platform], Status: item.Status}
		if attempt != nil && item.Status != ItemSkipped {
			p.Diagnosis = attempt.Diagnosis
			for _, sh := range attempt.shares {
				if sh.Platform == m.Platform && sh.Diagnosis != nil {
					p.Diagnosis = sh.Diagnosis
				}
			}
			switch {
			case p.Diagnosis == nil || item.Status != ItemDone:
			case row.SkippedAt.IsZero():
				p.Status = ItemFailed
			default:
				p.Status = ItemSkipped
			}
		}
		item.Platforms = append(item.Platforms, p)
	}
	if item.unfinished() {
		link := s.opts.PublicURL + "/connect/" + s.signed(purposeConnect, row.ID)
		item.AuthorizationURL = &link
	}
	return item
}

// unfinished reports whether there is something left to connect.
func (i *BulkItem) unfinished() bool {
	return slices.ContainsFunc(i.Platforms, func(p BulkItemPlatform) bool { return p.Status != ItemDone && p.Status != ItemSkipped })
}

func (i *BulkItem) attemptID() string {
	if i.Attempt == nil {
		return ""
	}
	return i.Attempt.ID
}

// close takes back what is still offered, since nothing more will be begun.
func (i *BulkItem) close() {
	i.AuthorizationURL = nil
	if i.Status != ItemPending {
		return
	}
	i.Status = ItemSkipped
	for j := range i.Platforms {
		i.Platforms[j].Status = ItemSkipped
	}
}

func (r *bulkItemRow) status(attempt *Attempt) BulkItemStatus {
	switch {
	case attempt != nil && attempt.Status == AttemptDone:
		return ItemDone
	case !r.SkippedAt.IsZero():
		return ItemSkipped
	case attempt == nil:
		return ItemPending
	case !attempt.Status.Ended():
		return ItemOpen
	}
	return ItemFailed
}

// SkipBulkItem leaves an item out. What was under way is given up.
func (s *Service) SkipBulkItem(ctx context.Context, by auth.Actor, id string) (*BulkConnect, error) {
	return s.changeItem(ctx, by, id, func(tx *sqlx.Tx, b *BulkConnect, item *BulkItem) error {
		if !item.unfinished() {
			return wrongItem(item)
		}
		if err := setItem(ctx, tx, b.Workspace, item.ID, item.attemptID(), present()); err != nil {
			return err
		}
		return abandon(ctx, tx, b.Workspace, item, by.User)
	})
}

// RetryBulkItem puts an item that failed or was skipped back into the line.
func (s *Service) RetryBulkItem(ctx context.Context, by auth.Actor, id string) (*BulkConnect, error) {
	return s.changeItem(ctx, by, id, func(tx *sqlx.Tx, b *BulkConnect, item *BulkItem) error {
		if item.Status == ItemOpen || item.Status == ItemDone && !item.unfinished() {
			return wrongItem(item)
		}
		return setItem(ctx, tx, b.Workspace, item.ID, "", time.Time{})
	})
}

// item returns an item by its id, which must be one of the bulk connect's.
func (b *BulkConnect) item(id string) *BulkItem {
	return b.Sequence[slices.IndexFunc(b.Sequence, func(i *BulkItem) bool { return i.ID == id })]
}

func wrongItem(i *BulkItem) *Error {
	return &Error{Code: CodeWrongState, Field: []string{"itemId"}, Message: "The item is " + string(i.Status) + ", so there is nothing to do."}
}

// changeItem changes an item of a bulk connect that goes on, and tells those who
// watch it.
func (s *Service) changeItem(ctx context.Context, by auth.Actor, id string, change func(*sqlx.Tx, *BulkConnect, *BulkItem) error) (*BulkConnect, error) {
	row, err := bulkItemAnywhere(ctx, s.db.read, id)
	if errors.Is(err, sql.ErrNoRows) || err == nil && row.Workspace != by.Workspace {
		return nil, notFound("itemId", "item of a bulk connect", id)
	}
	if err != nil {
		return nil, err
	}
	return s.changeBulk(ctx, by, "itemId", row.BulkID, BulkConnectChanged, func(tx *sqlx.Tx, b *BulkConnect) error {
		return change(tx, b, b.item(id))
	})
}

// changeBulk changes a bulk connect that goes on, which nobody else changes
// meanwhile, and writes the event, if one is given.
func (s *Service) changeBulk(ctx context.Context, by auth.Actor, field, id string, event EventType, change func(*sqlx.Tx, *BulkConnect) error) (*BulkConnect, error) {
	err := s.record(ctx, func(tx *sqlx.Tx) error {
		if err := lockBulk(ctx, tx, id); err != nil {
			return err
		}
		row, items, err := readBulk(ctx, tx, by.Workspace, id)
		if errors.Is(err, sql.ErrNoRows) {
			return notFound(field, "bulk connect", id)
		}
		if err != nil {
			return err
		}
		if over := row.ended(present()); over != "" {
			return bulkOver(field, over)
		}
		b, err := s.bulk(ctx, tx, row, items)
		if err != nil {
			return err
		}
		if err := change(tx, b); err != nil || event == "" {
			return err
		}
		return appendEvent(ctx, tx, row.event(event, &by.User))
	})
	if err != nil {
		return nil, err
	}
	return s.bulkNamed(ctx, by.Workspace, field, id)
}

func bulkOver(field string, status BulkStatus) *Error {
	return &Error{Code: CodeWrongState, Field: []string{field}, Message: "The bulk connect is " + string(status) + "; begin another with bulkConnect."}
}

// CancelBulkConnect gives a bulk connect up. What is connected stays.
func (s *Service) CancelBulkConnect(ctx context.Context, by auth.Actor, id string) (*BulkConnect, error) {
	return s.changeBulk(ctx, by, "bulkConnectId", id, BulkConnectCancelled, func(tx *sqlx.Tx, b *BulkConnect) error {
		if b.Status == BulkDone {
			return bulkOver("bulkConnectId", BulkDone)
		}
		for _, item := range b.Sequence {
			if err := abandon(ctx, tx, b.Workspace, item, by.User); err != nil {
				return err
			}
		}
		if err := setCancelled(ctx, tx, b, present()); err != nil {
			return err
		}
		return unschedule(ctx, tx, id)
	})
}

// abandon gives an item's attempt up if it waits for the person. One whose answer
// is being exchanged is left to its end.
func abandon(ctx context.Context, tx *sqlx.Tx, workspace string, item *BulkItem, by string) error {
	if item.Status != ItemOpen {
		return nil
	}
	row, err := oneAttempt(ctx, tx, selectAttempt+" WHERE id = ? AND workspace = ?", item.Attempt.ID, workspace)
	if err != nil || row.Status.Ended() || row.Status == AttemptPending && !row.ConsumedAt.IsZero() {
		return err
	}
	_, err = concludeAttempt(ctx, tx, row, AttemptGivenUp, nil, &by)
	return err
}

// expireBulk tells those who watch a bulk connect that its time is over.
func (s *Service) expireBulk(ctx context.Context, due dueRow) error {
	return s.record(ctx, func(tx *sqlx.Tx) error {
		row, err := bulkAnywhere(ctx, tx, due.ID)
		if err == nil && row.CancelledAt.IsZero() {
			err = appendEvent(ctx, tx, row.event(BulkConnectExpired, nil))
		}
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		return reschedule(ctx, tx, due, time.Time{}, false)
	})
}

// BulkChanges streams one bulk connect: its present state, then each change
// until it is over, when the channel is closed.
func (s *Service) BulkChanges(ctx context.Context, by auth.Actor, id string) (<-chan *BulkConnect, error) {
	from, err := s.resume(ctx, nil)
	if err != nil {
		return nil, err
	}
	b, err := s.BulkConnectByID(ctx, by, id)
	if err != nil {
		return nil, err
	}
	pick := func(entries []entry) []struct{} { // it is state: that it changed will do
		if slices.ContainsFunc(entries, func(e entry) bool { return text(e.BulkID) == id }) {
			return []struct{}{{}}
		}
		return nil
	}
	following, cancel := context.WithCancel(ctx)
	changed := follow(following, s.hub, from.position, nil, pick, s.loader(ctx, by.Workspace))
	out := make(chan *BulkConnect)
	go func() {
		defer cancel()
		defer close(out)
		for b.Status == BulkOpen {
			select {
			case out <- b:
			case <-ctx.Done():
				return
			}
			select {
			case <-changed:
			case <-ctx.Done():
				return
			}
			if b, err = s.BulkConnectByID(ctx, by, id); err != nil {
				if ctx.Err() == nil {
					s.log.LogAttrs(ctx, slog.LevelError, "follow a bulk connect", slog.String("bulk", id), slog.Any("error", err))
				}
				return
			}
		}
		select {
		case out <- b:
		case <-ctx.Done():
		}
	}()
	return out, nil
}
