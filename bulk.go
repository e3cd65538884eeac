package main

import (
	"fmt"
	"net/http"

	"mooring/accounts"
)

// bulkPage is where the link of a bulk connect's item leads. Whoever began it
// goes on to the platform at once; somebody else sees first who asks for what.
func (s *server) bulkPage(w http.ResponseWriter, r *http.Request) {
	place, err := s.service.OpenBulkLink(r.Context(), r.PathValue("token"))
	if err != nil {
		s.showError(w, r, err)
		return
	}
	who := s.signedIn(r)
	switch b := place.Bulk; {
	case place.Item.AuthorizationURL == nil || place.Item.Attempt != nil && place.Item.Attempt.Status == accounts.AttemptSelecting:
		s.showBulk(w, r, place)
	case who != nil && who.Workspace == b.Workspace && who.User == b.CreatedBy:
		s.bulkStart(w, r)
	default:
		s.show(w, r, http.StatusOK, "connect.html", view{Title: "Connect " + place.Item.Platform.DisplayName, Asker: askerOf(b.CreatedBy, b.Workspace), Bulk: b, Item: place.Item})
	}
}

// bulkStart is the Continue button of that page.
func (s *server) bulkStart(w http.ResponseWriter, r *http.Request) {
	attempt, err := s.service.StartBulkItem(r.Context(), r.PathValue("token"), s.attemptCookie(r))
	if err != nil {
		s.showError(w, r, err)
		return
	}
	s.depart(w, r, s.service.StartToken(attempt), s.signedIn(r))
}

// bulkSkip is the Skip button.
func (s *server) bulkSkip(w http.ResponseWriter, r *http.Request) {
	place, err := s.service.SkipByLink(r.Context(), r.PathValue("token"))
	if err != nil {
		s.showError(w, r, err)
		return
	}
	s.leadOn(w, r, place)
}

// leadOn leads the browser from one item to the next, unless there is something
// to see or to decide first, and in the end back to the product.
func (s *server) leadOn(w http.ResponseWriter, r *http.Request, place *accounts.BulkPlace) {
	b, settled := place.Bulk, place.Item.AuthorizationURL == nil
	switch next := b.Next(); {
	case settled && next != nil:
		http.Redirect(w, r, *next.AuthorizationURL, http.StatusSeeOther) //nolint:gosec // an address of our own
	case settled && b.Status == accounts.BulkDone && b.ReturnTo != "":
		http.Redirect(w, r, withID(b.ReturnTo, "bulk", b.ID), http.StatusSeeOther) //nolint:gosec // on an allowed origin, see mayReturnTo
	default:
		s.showBulk(w, r, place)
	}
}

// showBulk shows how far a bulk connect is, and what can be done next.
func (s *server) showBulk(w http.ResponseWriter, r *http.Request, place *accounts.BulkPlace) {
	b, item := place.Bulk, place.Item
	v := view{
		Title: fmt.Sprintf("%d of %d connected", b.Progress.Completed, b.TotalPlatforms), Tone: "plain",
		Bulk: b, Item: item, Next: b.Next(), Attempt: item.Attempt,
	}
	if b.Status == accounts.BulkDone {
		v.Tone = "good"
	}
	if b.ReturnTo != "" {
		v.Finish = withID(b.ReturnTo, "bulk", b.ID)
	}
	if item.Attempt != nil {
		var err error
		if v.Accounts, err = s.connected(r.Context(), item.Attempt); err != nil {
			s.showError(w, r, err)
			return
		}
		if item.Status == accounts.ItemFailed {
			v.Tone = "bad"
		}
	}
	s.show(w, r, http.StatusOK, "bulk.html", v)
}
