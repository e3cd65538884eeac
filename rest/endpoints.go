package rest

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"

	"mooring/diagnosis"
)

// vars are a document's variables.
type vars = map[string]any

type message struct{ Message string }

// words are the messages alone.
func words(messages []message) []string {
	texts := make([]string, len(messages))
	for i, m := range messages {
		texts[i] = m.Message
	}
	return texts
}

type ref struct{ ID string }

type healthAnswer struct {
	Platform       string   `json:"platform"`
	IsConnected    bool     `json:"is_connected"`
	IsExpired      bool     `json:"is_expired"`
	ExpiresInHours *float64 `json:"expires_in_hours"`
	HealthStatus   string   `json:"health_status"`
	Warnings       []string `json:"warnings"`
}

func (a api) health(r *http.Request) (any, error) {
	var data struct {
		Account *struct {
			Platform ref
			Health   struct {
				IsConnected, IsExpired bool
				ExpiresInHours         *float64
				Status                 string
				Warnings               []message
			}
		}
	}
	id := r.PathValue("account")
	if err := a.run(r.Context(), "health", vars{"id": id}, &data); err != nil {
		return nil, err
	}
	if data.Account == nil {
		return nil, noAccount(id)
	}
	h := data.Account.Health
	return healthAnswer{
		Platform: data.Account.Platform.ID, IsConnected: h.IsConnected, IsExpired: h.IsExpired,
		ExpiresInHours: h.ExpiresInHours, HealthStatus: strings.ToLower(h.Status), Warnings: words(h.Warnings),
	}, nil
}

func noAccount(id string) *Error {
	return failed("NOT_FOUND", fmt.Sprintf("There is no account %q.", id))
}

func noPlatform(id string) *Error {
	return failed("NOT_FOUND", fmt.Sprintf("There is no platform %q; %squick-connect/options lists those that there are.", id, Prefix))
}

type instructionsAnswer struct {
	Title               string   `json:"title"`
	Steps               []string `json:"steps"`
	RequiredPermissions []string `json:"required_permissions"`
}

func (a api) reconnectInstructions(r *http.Request) (any, error) {
	var data struct {
		Platform *struct {
			ReconnectInstructions struct {
				Title               string
				Steps               []string
				RequiredPermissions []string
			}
		}
	}
	id := platform(r)
	if err := a.run(r.Context(), "reconnect-instructions", vars{"platform": id}, &data); err != nil {
		return nil, err
	}
	if data.Platform == nil {
		return nil, noPlatform(id)
	}
	return instructionsAnswer(data.Platform.ReconnectInstructions), nil
}

type validateAnswer struct {
	Platform    string       `json:"platform"`
	IsValid     bool         `json:"is_valid"`
	Errors      []string     `json:"errors"`
	Warnings    []string     `json:"warnings"`
	AccountInfo *accountInfo `json:"account_info"`
}

type accountInfo struct {
	ID         string  `json:"id"`
	Username   *string `json:"username"`
	Name       string  `json:"name"`
	Kind       string  `json:"kind"`
	ProfileURL *string `json:"profile_url"`
	AvatarURL  *string `json:"avatar_url"`
}

// validate answers that an account is not valid only on the platform's word, or
// where the account has stopped working. That the platform could not be asked
// is a failure.
func (a api) validate(r *http.Request) (any, error) {
	var data struct {
		Validate struct {
			Account    *struct{ Platform ref }
			Validation *struct {
				IsValid          *bool
				Errors, Warnings []message
				AccountInfo      struct {
					ID         string
					Username   *string
					Name, Kind string
					ProfileURL *string
					AvatarURL  *string
				}
			}
			UserErrors userErrors
		}
	}
	if err := a.run(r.Context(), "validate", vars{"id": r.PathValue("account")}, &data); err != nil {
		return nil, err
	}
	found := data.Validate
	if err := found.UserErrors.first("WRONG_STATE", "PLATFORM_REFUSED"); err != nil || found.Account == nil {
		return nil, cmp.Or(err, error(noAccount(r.PathValue("account"))))
	}
	answer := validateAnswer{Platform: found.Account.Platform.ID, Errors: []string{}, Warnings: []string{}}
	if v := found.Validation; v != nil {
		answer.IsValid = v.IsValid != nil && *v.IsValid && len(found.UserErrors) == 0
		answer.Errors, answer.Warnings = words(v.Errors), words(v.Warnings)
		info := accountInfo(v.AccountInfo)
		info.Kind = strings.ToLower(info.Kind)
		answer.AccountInfo = &info
	}
	for _, e := range found.UserErrors {
		answer.Errors = append(answer.Errors, e.Message)
	}
	return answer, nil
}

type permissionsAnswer struct {
	Platform           string   `json:"platform"`
	GrantedPermissions []string `json:"granted_permissions"`
	MissingPermissions []string `json:"missing_permissions"`
	CanPost            bool     `json:"can_post"`
	CanRead            bool     `json:"can_read"`
}

// checkPermissions answers with what is known, if the platform cannot be asked.
func (a api) checkPermissions(r *http.Request) (any, error) {
	var data struct {
		CheckPermissions struct {
			Account *struct {
				Platform    ref
				Permissions struct {
					Granted, Missing []string
					CanPost, CanRead bool
				}
			}
			UserErrors userErrors
		}
	}
	if err := a.run(r.Context(), "check-permissions", vars{"id": r.PathValue("account")}, &data); err != nil {
		return nil, err
	}
	account := data.CheckPermissions.Account
	if account == nil {
		return nil, cmp.Or(data.CheckPermissions.UserErrors.first(), error(noAccount(r.PathValue("account"))))
	}
	p := account.Permissions
	return permissionsAnswer{account.Platform.ID, p.Granted, p.Missing, p.CanPost, p.CanRead}, nil
}

type optionsAnswer struct {
	Platforms        map[string]option `json:"platforms"`
	RecommendedOrder []string          `json:"recommended_order"`
	TotalPlatforms   int               `json:"total_platforms"`
}

type option struct {
	DisplayName  string   `json:"display_name"`
	Icon         string   `json:"icon"`
	Color        string   `json:"color"`
	Difficulty   string   `json:"difficulty"`
	SetupTime    string   `json:"setup_time"`
	Features     []string `json:"features"`
	Requirements []string `json:"requirements"`
}

func (a api) options(r *http.Request) (any, error) {
	var data struct {
		Platforms []struct {
			ID, DisplayName, Icon, Color, Difficulty string
			SetupMinutes                             int
			Features, Requirements                   []string
		}
	}
	if err := a.run(r.Context(), "options", nil, &data); err != nil {
		return nil, err
	}
	answer := optionsAnswer{Platforms: map[string]option{}, TotalPlatforms: len(data.Platforms)}
	for _, p := range data.Platforms {
		answer.RecommendedOrder = append(answer.RecommendedOrder, p.ID)
		answer.Platforms[p.ID] = option{
			p.DisplayName, p.Icon, p.Color, strings.ToLower(p.Difficulty), minutes(p.SetupMinutes), p.Features, p.Requirements,
		}
	}
	return answer, nil
}

// minutes is a time as people say it.
func minutes(n int) string {
	if n == 1 {
		return "1 minute"
	}
	return fmt.Sprintf("%d minutes", n)
}

// forWhom finds whom the caller wants to connect: the id to answer with, and
// the caller's own id for that person, nil if it is the caller. Only a back end
// may name somebody else; while nobody has to sign in, everybody is one.
func (a api) forWhom(r *http.Request, userID *string) (user string, external *string, err error) {
	var data struct {
		Viewer struct{ User, Role, Method string }
	}
	if err := a.run(r.Context(), "caller", nil, &data); err != nil {
		return "", nil, err
	}
	caller := data.Viewer
	switch {
	case userID == nil || *userID == "" || *userID == caller.User:
		return caller.User, nil, nil
	case caller.Role == "SERVICE" || caller.Method == "LOCAL":
		return *userID, userID, nil
	}
	return "", nil, failed("FORBIDDEN", fmt.Sprintf("user_id is %q, and the caller is %q; only a service credential may act for others.", *userID, caller.User))
}

type connectAnswer struct {
	Platform         string `json:"platform"`
	DisplayName      string `json:"display_name"`
	AuthorizationURL string `json:"authorization_url"`
	State            string `json:"state"`
	UserID           string `json:"user_id"`
}

// quickConnect begins an attempt. Its id serves as the state: what the platform
// sees as such is made when a browser opens the address.
func (a api) quickConnect(r *http.Request) (any, error) {
	var sent struct {
		UserID *string `json:"user_id"`
	}
	if err := read(r, &sent); err != nil {
		return nil, err
	}
	user, external, err := a.forWhom(r, sent.UserID)
	if err != nil {
		return nil, err
	}
	var data struct {
		Connect struct {
			Attempt *struct {
				ID, AuthorizationURL string
				Platform             struct{ ID, DisplayName string }
			}
			UserErrors userErrors
		}
	}
	if err := a.run(r.Context(), "connect", vars{"platform": platform(r), "externalUserId": external}, &data); err != nil {
		return nil, err
	}
	attempt := data.Connect.Attempt
	if attempt == nil {
		return nil, data.Connect.UserErrors.first()
	}
	return connectAnswer{attempt.Platform.ID, attempt.Platform.DisplayName, attempt.AuthorizationURL, attempt.ID, user}, nil
}

type troubleshootAnswer struct {
	Platform       *string  `json:"platform"`
	IssueType      string   `json:"issue_type"`
	Severity       string   `json:"severity"`
	PossibleCauses []string `json:"possible_causes"`
	Solutions      []string `json:"solutions"`
	DocsURL        *string  `json:"docs_url"`
}

func (a api) troubleshoot(r *http.Request) (any, error) {
	var sent struct {
		Platform     string `json:"platform"`
		ErrorCode    text   `json:"error_code"`
		ErrorMessage text   `json:"error_message"`
	}
	if err := read(r, &sent); err != nil {
		return nil, err
	}
	var data struct {
		Diagnose *struct {
			Platform                  *string
			IssueType, Severity       string
			PossibleCauses, Solutions []string
			DocsURL                   *string
		}
	}
	input := vars{"platform": sent.Platform, "errorCode": sent.ErrorCode, "errorMessage": sent.ErrorMessage}
	if err := a.run(r.Context(), "troubleshoot", vars{"input": input}, &data); err != nil {
		return nil, err
	}
	answer := troubleshootAnswer(*data.Diagnose)
	if answer.Platform == nil && sent.Platform != "" {
		answer.Platform = &sent.Platform
	}
	answer.IssueType, answer.Severity = strings.ToLower(answer.IssueType), strings.ToLower(answer.Severity)
	return answer, nil
}

// text is a text that some send as a number, or as null.
type text string

// UnmarshalJSON takes a string, a number or null.
func (t *text) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err == nil {
		*t = text(s)
		return nil
	}
	var n json.Number
	if err := json.Unmarshal(b, &n); err != nil {
		return &json.UnmarshalTypeError{Value: string(b), Type: reflect.TypeFor[string]()}
	}
	*t = text(n)
	return nil
}

type prerequisitesAnswer struct {
	Platform       string  `json:"platform"`
	ReadyToConnect bool    `json:"ready_to_connect"`
	Checks         []check `json:"checks"`
}

type check struct {
	Name    string `json:"name"`
	Status  string `json:"status"`
	Message string `json:"message"`
}

func (a api) testPrerequisites(r *http.Request) (any, error) {
	var data struct {
		Platform *struct {
			ID            string
			Prerequisites struct {
				ReadyToConnect bool
				Checks         []struct{ Name, Status, Message string }
			}
		}
	}
	id := platform(r)
	if err := a.run(r.Context(), "test-prerequisites", vars{"platform": id}, &data); err != nil {
		return nil, err
	}
	if data.Platform == nil {
		return nil, noPlatform(id)
	}
	found := data.Platform.Prerequisites
	answer := prerequisitesAnswer{data.Platform.ID, found.ReadyToConnect, []check{}}
	for _, c := range found.Checks {
		answer.Checks = append(answer.Checks, check{c.Name, strings.ToLower(c.Status), c.Message})
	}
	return answer, nil
}

type bulkAnswer struct {
	TotalPlatforms       int    `json:"total_platforms"`
	EstimatedTimeMinutes int    `json:"estimated_time_minutes"`
	ConnectionSequence   []step `json:"connection_sequence"`
}

type step struct {
	Platform         string     `json:"platform"`
	DisplayName      string     `json:"display_name"`
	AuthorizationURL string     `json:"authorization_url"`
	Config           stepConfig `json:"config"`
}

type stepConfig struct {
	Difficulty string   `json:"difficulty"`
	SetupTime  string   `json:"setup_time"`
	Features   []string `json:"features"`
}

// bulkConnect lists platforms that share a consent one after the other, with the
// same address.
func (a api) bulkConnect(r *http.Request) (any, error) {
	var sent struct {
		Platforms []string `json:"platforms"`
		UserID    *string  `json:"user_id"`
	}
	if err := read(r, &sent); err != nil {
		return nil, err
	}
	_, external, err := a.forWhom(r, sent.UserID)
	if err != nil {
		return nil, err
	}
	ids := []string{}
	for _, name := range sent.Platforms {
		ids = append(ids, diagnosis.PlatformID(name))
	}
	var data struct {
		BulkConnect struct {
			BulkConnect *struct {
				TotalPlatforms, EstimatedTimeMinutes int
				Sequence                             []struct {
					AuthorizationURL string
					Platforms        []struct {
						Platform struct {
							ID, DisplayName, Difficulty string
							SetupMinutes                int
							Features                    []string
						}
					}
				}
			}
			UserErrors userErrors
		}
	}
	if err := a.run(r.Context(), "bulk-connect", vars{"platforms": ids, "externalUserId": external}, &data); err != nil {
		return nil, err
	}
	bulk := data.BulkConnect.BulkConnect
	if bulk == nil {
		return nil, data.BulkConnect.UserErrors.first()
	}
	answer := bulkAnswer{bulk.TotalPlatforms, bulk.EstimatedTimeMinutes, []step{}}
	for _, item := range bulk.Sequence {
		for _, shared := range item.Platforms {
			p := shared.Platform
			answer.ConnectionSequence = append(answer.ConnectionSequence, step{
				p.ID, p.DisplayName, item.AuthorizationURL,
				stepConfig{strings.ToLower(p.Difficulty), minutes(p.SetupMinutes), p.Features},
			})
		}
	}
	return answer, nil
}

type refreshAnswer struct {
	Refreshed bool    `json:"refreshed"`
	NewToken  *string `json:"new_token"`
	ExpiresAt *string `json:"expires_at"`
	Error     *string `json:"error"`
}

// autoRefresh renews an account's tokens. That it could not is an answer, too.
// The new token is lent, to callers who may borrow it.
func (a api) autoRefresh(r *http.Request) (any, error) {
	id := r.PathValue("account")
	var data struct {
		Refresh struct {
			Refreshed        bool
			ExpiresAt, Error *string
			UserErrors       userErrors
		}
	}
	if err := a.run(r.Context(), "refresh", vars{"id": id}, &data); err != nil {
		return nil, err
	}
	answer := refreshAnswer{Refreshed: data.Refresh.Refreshed, ExpiresAt: data.Refresh.ExpiresAt, Error: data.Refresh.Error}
	for _, e := range data.Refresh.UserErrors {
		if e.Code == "NOT_FOUND" {
			return nil, noAccount(id)
		}
		answer.Error = &e.Message
	}
	if !answer.Refreshed {
		return answer, nil
	}
	token, err := a.lend(r, id)
	var refused *Error
	if errors.As(err, &refused) && refused.Code == "FORBIDDEN" {
		return answer, nil
	}
	answer.NewToken = token
	return answer, err
}

// lend borrows an account's access token; nil if there is none to be had.
func (a api) lend(r *http.Request, id string) (*string, error) {
	var data struct {
		LeaseToken struct {
			Lease *struct{ AccessToken string }
		}
	}
	if err := a.run(r.Context(), "lease", vars{"id": id}, &data); err != nil || data.LeaseToken.Lease == nil {
		return nil, err
	}
	return &data.LeaseToken.Lease.AccessToken, nil
}
