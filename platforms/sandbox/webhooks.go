package sandbox

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// webhook is something that a server tells an app of its own accord, at the
// address that was entered in the console.
type webhook struct {
	deletion bool // when the person asks for their data to be deleted, too
	// write makes the request's header and body.
	write func(n news) (http.Header, string)
}

// news is what a webhook tells of.
type news struct {
	client, secret string
	subject        string
	now            time.Time
}

func (n news) sign(text string) []byte {
	mac := hmac.New(sha256.New, []byte(n.secret))
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

// metaWebhooks are those of both of Meta's servers.
var metaWebhooks = map[string]webhook{
	"deauthorize":   {write: signedRequest},
	"data-deletion": {write: signedRequest, deletion: true},
}

// signedRequest is the form that Meta sends.
func signedRequest(n news) (http.Header, string) {
	said := object{"algorithm": "HMAC-SHA256", "issued_at": n.now.Unix(), "user_id": n.subject}
	text, err := json.Marshal(said)
	if err != nil {
		panic(err) // strings and numbers always marshal
	}
	payload := base64.RawURLEncoding.EncodeToString(text)
	signature := base64.RawURLEncoding.EncodeToString(n.sign(payload))
	return http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
		url.Values{"signed_request": {signature + "." + payload}}.Encode()
}

// tikTokWebhooks are TikTok's.
var tikTokWebhooks = map[string]webhook{"authorization.removed": {write: func(n news) (http.Header, string) {
	said := object{
		"client_key": n.client, "event": "authorization.removed", "create_time": n.now.Unix(),
		"user_openid": n.subject, "content": `{"reason":1}`,
	}
	body, err := json.Marshal(said)
	if err != nil {
		panic(err) // strings and numbers always marshal
	}
	at := strconv.FormatInt(n.now.Unix(), 10)
	return http.Header{
		"Content-Type":     {"application/json"},
		"Tiktok-Signature": {"t=" + at + ",s=" + hex.EncodeToString(n.sign(at+"."+string(body)))},
	}, string(body)
}}}

// checkWebhooks returns what is wrong with addresses of webhooks by event.
func (d *dialect) checkWebhooks(addresses map[string]string) error {
	for event, address := range addresses {
		if _, ok := d.webhooks[event]; !ok {
			return fmt.Errorf("%s has no webhook %q; it has %s", d.platform.DisplayName, event, cmp.Or(names(maps.Keys(d.webhooks)), "none"))
		}
		if u, err := url.Parse(address); address != "" && (err != nil || !u.IsAbs()) {
			return fmt.Errorf("%q is no address for a webhook, such as http://localhost:33766/api/webhooks/%s/%s", address, d.name, event)
		}
	}
	return nil
}

// outgoing are the requests that tell the app that a grant was revoked. The
// caller holds s.mu.
func (s *Sandbox) outgoing(g *grant, deletion bool, now time.Time) ([]*http.Request, error) {
	d := s.server(g.Server)
	addresses := s.state.app(d).Webhooks
	id, secret := s.credentials(d)
	var requests []*http.Request
	for _, event := range slices.Sorted(maps.Keys(addresses)) {
		hook := d.webhooks[event]
		if hook.deletion && !deletion {
			continue
		}
		header, body := hook.write(news{id, secret, g.Subject, now})
		r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, addresses[event], strings.NewReader(body))
		if err != nil {
			return nil, err
		}
		r.Header = header
		requests = append(requests, r)
	}
	return requests, nil
}

// webhookPatience is how long a server waits for an app's answer.
const webhookPatience = 5 * time.Second

// deliver sends what webhooks tell and returns what became of it, a line each. It
// is the platforms' side of the network, which is played, so Mooring's rules for
// its own calls do not apply: the app may be anywhere on this machine.
func deliver(requests []*http.Request) []string {
	client := &http.Client{Timeout: webhookPatience}
	said := []string{}
	for _, r := range requests {
		resp, err := client.Do(r) // whoever controls the sandbox entered the address
		if err != nil {
			said = append(said, err.Error())
			continue
		}
		answer, _ := io.ReadAll(io.LimitReader(resp.Body, maxBody)) // the status is what counts
		_ = resp.Body.Close()
		said = append(said, strings.TrimSpace(r.URL.String()+": "+resp.Status+" "+string(answer)))
	}
	return said
}
