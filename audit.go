package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"mooring/accounts"
	"mooring/auth"
	"mooring/rest"
)

// exportPath is where the audit trail can be had as a file.
const exportPath = "/api/audit/export"

// writeGrace is how long a client may take to receive a part of an export.
const writeGrace = 30 * time.Second

// exportPart is how many records are sent at a time.
const exportPart = 200

// exportAudit streams what happened in the caller's workspace: ?format=csv or
// jsonl, from and to as in RFC 3339 or as dates (UTC), to being exclusive. An
// export that cannot be finished is cut off, which HTTP lets the client notice.
func (s *server) exportAudit(w http.ResponseWriter, r *http.Request) {
	write, contentType, err := exporter(w, r.FormValue("format"))
	from, badFrom := moment(r.FormValue("from"), time.Unix(0, 0))
	to, badTo := moment(r.FormValue("to"), time.Now().Add(time.Minute))
	if err := errors.Join(err, badFrom, badTo); err != nil {
		rest.Refuse(w, http.StatusBadRequest, err.Error(), "BAD_USER_INPUT")
		return
	}
	actor, _ := auth.FromContext(r.Context())
	deadline := http.NewResponseController(w)
	sent := 0
	for record, err := range s.service.AuditTrail(r.Context(), actor, from, to, strings.ToLower(r.FormValue("format"))) {
		var refused *auth.Error
		switch {
		case errors.As(err, &refused):
			rest.Refuse(w, http.StatusForbidden, refused.Message, string(refused.Code))
			return
		case err != nil:
			s.log.LogAttrs(r.Context(), slog.LevelError, "export the audit trail", slog.Any("error", err))
			panic(http.ErrAbortHandler)
		}
		if sent == 0 {
			h := w.Header()
			h.Set("Content-Type", contentType)
			h.Set("Content-Disposition", `attachment; filename="mooring-audit.`+strings.ToLower(r.FormValue("format"))+`"`)
			h.Set("Cache-Control", "no-store")
		}
		if sent%exportPart == 0 {
			if err := deadline.SetWriteDeadline(time.Now().Add(writeGrace)); err != nil {
				panic(http.ErrAbortHandler)
			}
		}
		if err := write(record); err != nil {
			panic(http.ErrAbortHandler) // the client is gone
		}
		sent++
	}
}

// moment reads a time or a date; "" is the fallback.
func moment(text string, fallback time.Time) (time.Time, error) {
	if text == "" {
		return fallback, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time; from and to are like 2026-01-31 or 2026-01-31T12:00:00Z", text)
}

// exporter returns how to write records in a format.
func exporter(w io.Writer, format string) (write func(*accounts.AuditRecord) error, contentType string, err error) {
	switch strings.ToLower(format) {
	case "jsonl":
		lines := json.NewEncoder(w)
		lines.SetEscapeHTML(false)
		return func(r *accounts.AuditRecord) error { return lines.Encode(r) }, "application/jsonl; charset=utf-8", nil
	case "csv":
		table := csv.NewWriter(w)
		titled := false
		return func(r *accounts.AuditRecord) error {
			if !titled {
				titled = true
				if err := table.Write(auditColumns); err != nil {
					return err
				}
			}
			if err := table.Write(auditRow(r)); err != nil {
				return err
			}
			table.Flush() // into net/http's own buffer
			return table.Error()
		}, "text/csv; charset=utf-8; header=present", nil
	}
	return nil, "", errors.New("format has to be csv or jsonl")
}

var auditColumns = []string{
	"at", "type", "outcome", "actor", "request_id", "account_id", "attempt_id", "bulk_id", "about", "platform",
	"previous_status", "status", "reason", "issue_type", "days", "count", "id",
}

func auditRow(r *accounts.AuditRecord) []string {
	days := ""
	if r.Days > 0 {
		days = strconv.Itoa(r.Days)
	}
	row := []string{
		r.At.Format(time.RFC3339Nano), r.Type, r.Outcome, r.Actor, r.RequestID, r.AccountID, r.AttemptID, r.BulkID, r.About, r.Platform,
		r.PreviousStatus, r.Status, r.Reason, r.IssueType, days, strconv.Itoa(r.Count), r.EventID,
	}
	for i, cell := range row {
		row[i] = harmless(cell)
	}
	return row
}

// harmless keeps a spreadsheet from taking a cell for a formula: users choose
// their ids and the reasons of their leases.
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

// noteRefusal records that a credential was refused, in the workspace that it
// is of or, where anybody can have made it up, counted by where it came from.
func (s *server) noteRefusal(ctx context.Context, r *http.Request, refused *auth.Error) {
	if refused.Missing {
		return
	}
	if refused.Workspace == "" {
		s.service.CredentialRefused(s.config.limits.addressOf(r))
		return
	}
	if err := s.service.SignInFailed(ctx, refused.Workspace, refused.User); err != nil {
		s.log.LogAttrs(ctx, slog.LevelError, "record a refused credential", slog.Any("error", err))
	}
}
