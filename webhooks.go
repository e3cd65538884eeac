package main

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"mooring/accounts"
	"mooring/platforms"
)

// maxDelivery is how long what a platform tells may be, in bytes.
const maxDelivery = 64 << 10

// webhook takes in what a platform tells. Who cannot prove to be the platform
// learns nothing, not even whether the platform is set up.
func (s *server) webhook(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxDelivery))
	if err != nil {
		http.Error(w, "The request is too long, or was cut off.", http.StatusBadRequest)
		return
	}
	code, err := s.service.Heed(r.Context(), r.PathValue("platform"), r.PathValue("event"),
		platforms.Delivery{Header: r.Header, Body: body, At: time.Now()})
	switch {
	case errors.Is(err, platforms.ErrUnverified), errors.Is(err, accounts.ErrNoWebhook):
		http.Error(w, "No platform of ours sent this.", http.StatusForbidden)
	case err != nil:
		s.log.LogAttrs(r.Context(), slog.LevelError, "webhook", slog.Any("error", err))
		http.Error(w, "Something went wrong here; send it again.", http.StatusInternalServerError)
	case code != "":
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_ = json.NewEncoder(w).Encode(map[string]string{ // the platform may be gone
			"url": s.public + "/erased/" + code, "confirmation_code": code,
		})
	}
}

// erasedPage says to whoever asked a platform for it how far the deletion of
// their data is.
func (s *server) erasedPage(w http.ResponseWriter, r *http.Request) {
	erasure, err := s.service.ErasureState(r.Context(), r.PathValue("code"))
	if err != nil {
		s.showError(w, r, err)
		return
	}
	v := view{Title: "Your data are being deleted", Tone: "plain", Message: "Come back in some minutes."}
	if !erasure.EndedAt.IsZero() {
		v = view{Title: "Your data are deleted", Tone: "good", Message: "What " + s.config.brand.name +
			" knew of you from the platform was removed on " + erasure.EndedAt.Format("2 January 2006") + ". Backups that were made before will be removed in their turn."}
	}
	s.show(w, r, http.StatusOK, "result.html", v)
}
