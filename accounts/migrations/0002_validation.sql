-- What a platform tells beside its tokens: profiles' own tokens, permissions, validations and rate limits.

-- +goose Up

-- The clocks of the grant's own tokens. An account whose token is its own has others.
ALTER TABLE grants ADD COLUMN access_issued_at   {{int}};
ALTER TABLE grants ADD COLUMN access_expires_at  {{int}};
ALTER TABLE grants ADD COLUMN refresh_expires_at {{int}};
ALTER TABLE grants ADD COLUMN scopes_checked_at  {{int}};  -- when the scopes were learned
UPDATE grants SET
    access_issued_at   = (SELECT max(a.access_issued_at)   FROM accounts a WHERE a.grant_id = grants.id),
    access_expires_at  = (SELECT max(a.access_expires_at)  FROM accounts a WHERE a.grant_id = grants.id),
    refresh_expires_at = (SELECT max(a.refresh_expires_at) FROM accounts a WHERE a.grant_id = grants.id),
    scopes_checked_at  = consented_at;

-- Whether secrets has an access token of the account itself, such as a Facebook Page's.
ALTER TABLE accounts ADD COLUMN own_token  INTEGER NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN validation TEXT;  -- JSON: the platform's last answer under this grant

-- What platforms told last of their limits. They count calls of an app, whatever the workspace.
CREATE TABLE rate_limits (
    app_id       TEXT    NOT NULL REFERENCES apps (id),
    external_id  TEXT    NOT NULL,  -- of the account that the limit is for; '' for the whole app
    name         TEXT    NOT NULL,
    calls        {{int}},            -- in the window, if told
    remaining    {{int}},            -- if told
    used_percent {{real}} NOT NULL,
    reset_at     {{int}},            -- when the window begins anew, if told
    observed_at  {{int}} NOT NULL,
    PRIMARY KEY (app_id, external_id, name)
){{strict}};

-- +goose Down
DROP TABLE rate_limits;
ALTER TABLE accounts DROP COLUMN validation;
ALTER TABLE accounts DROP COLUMN own_token;
ALTER TABLE grants DROP COLUMN scopes_checked_at;
ALTER TABLE grants DROP COLUMN refresh_expires_at;
ALTER TABLE grants DROP COLUMN access_expires_at;
ALTER TABLE grants DROP COLUMN access_issued_at;
