-- One text for SQLite and PostgreSQL. {{int}}, {{blob}}, {{serial}}, {{position}} and {{strict}} are
-- replaced per database, see migrate.go. Times are Unix milliseconds in UTC; booleans are 0 or 1;
-- lists are JSON arrays in TEXT.

-- +goose Up

-- What is true of the whole database. One row.
CREATE TABLE installation (
    id         INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    log_id     TEXT    NOT NULL,            -- names the event log in cursors
    pruned_to  {{int}}  NOT NULL DEFAULT 0,  -- events up to this position are gone
    created_at {{int}}  NOT NULL
){{strict}};

-- The sealed ring of data keys. One row.
CREATE TABLE key_ring (
    id      INTEGER  NOT NULL PRIMARY KEY CHECK (id = 1),
    version {{int}}   NOT NULL,  -- moves with each change; compared before writing
    sealed  {{blob}} NOT NULL   -- under MOORING_KEY
){{strict}};

-- The OAuth clients that the operator registered. They serve all workspaces.
CREATE TABLE apps (
    id           TEXT    NOT NULL PRIMARY KEY,
    platform     TEXT    NOT NULL,
    login_method TEXT    NOT NULL,
    client_id    TEXT    NOT NULL,
    sandbox      INTEGER NOT NULL,
    UNIQUE (platform, login_method, client_id, sandbox)
){{strict}};

-- One OAuth authorization. It carries one or many accounts.
CREATE TABLE grants (
    id            TEXT    NOT NULL PRIMARY KEY,
    workspace     TEXT    NOT NULL,
    app_id        TEXT    NOT NULL REFERENCES apps (id),
    platform      TEXT    NOT NULL,
    subject       TEXT    NOT NULL,  -- who consented, by the platform's id
    scopes        TEXT    NOT NULL,  -- granted
    scopes_source TEXT    NOT NULL,
    consented_at  {{int}}  NOT NULL,
    generation    {{int}}  NOT NULL,  -- moves with each change of tokens
    retired_at    {{int}}             -- no account left; its secrets are gone
){{strict}};
CREATE INDEX grants_subject ON grants (app_id, subject);

-- What a user connected. Disconnected accounts stay as tombstones that point to a retired grant.
CREATE TABLE accounts (
    id                 TEXT   NOT NULL PRIMARY KEY,
    workspace          TEXT   NOT NULL,
    platform           TEXT   NOT NULL,
    external_id        TEXT   NOT NULL,
    grant_id           TEXT   NOT NULL REFERENCES grants (id),
    kind               TEXT   NOT NULL,
    username           TEXT,
    display_name       TEXT   NOT NULL,
    avatar_url         TEXT,
    profile_url        TEXT,
    external_user_id   TEXT,
    labels             TEXT   NOT NULL,
    search             TEXT   NOT NULL,  -- name, handle and external id in lower case
    connected_at       {{int}} NOT NULL,
    connected_by       TEXT   NOT NULL,
    disconnected_at    {{int}},

    -- the evidence of health
    verdict            TEXT   NOT NULL,  -- why it does not work, for good; '' for none
    access_issued_at   {{int}},
    access_expires_at  {{int}},
    refresh_expires_at {{int}},
    consent_expires_at {{int}},
    checked_at         {{int}},
    checked_by         TEXT,

    -- derived from the evidence whenever that is written
    expires_at         {{int}},           -- the earliest clock that nothing automatic pushes back
    expiring_from      {{int}},           -- when that clock began to run, if known

    -- as last announced by an event
    status             TEXT   NOT NULL,
    reason             TEXT   NOT NULL,
    since              {{int}} NOT NULL,

    UNIQUE (workspace, platform, external_id)
){{strict}};
CREATE INDEX accounts_by_connected ON accounts (workspace, connected_at, id) WHERE disconnected_at IS NULL;
CREATE INDEX accounts_by_grant ON accounts (grant_id);

-- Sealed tokens and other secrets, each owned by a grant, an attempt or the installation.
CREATE TABLE secrets (
    owner_id  TEXT     NOT NULL,
    kind      TEXT     NOT NULL,
    workspace TEXT     NOT NULL,
    key_id    {{int}}   NOT NULL,  -- the data key, as in the ciphertext
    sealed    {{blob}} NOT NULL,
    PRIMARY KEY (owner_id, kind)
){{strict}};
CREATE INDEX secrets_by_key ON secrets (key_id);

-- One run through a consent page.
CREATE TABLE attempts (
    id               TEXT   NOT NULL PRIMARY KEY,
    workspace        TEXT   NOT NULL,
    app_id           TEXT   NOT NULL REFERENCES apps (id),
    platform         TEXT   NOT NULL,
    login_method     TEXT   NOT NULL,
    status           TEXT   NOT NULL,
    scopes           TEXT   NOT NULL,  -- asked for
    return_to        TEXT   NOT NULL,
    account_id       TEXT   NOT NULL,  -- to reconnect; '' for none
    external_user_id TEXT   NOT NULL,
    labels           TEXT   NOT NULL,
    created_by       TEXT   NOT NULL,
    created_at       {{int}} NOT NULL,
    expires_at       {{int}} NOT NULL,
    state_hash       TEXT   UNIQUE,    -- set when a browser starts
    browser_hash     TEXT,             -- of that browser's cookie
    consumed_at      {{int}},           -- when the platform's answer came
    outcome          TEXT   NOT NULL   -- JSON: subject, profiles, token dates, chosen accounts, diagnosis
){{strict}};

CREATE INDEX attempts_by_time ON attempts (created_at);

-- What has to be looked at, and when. Narrow, so that waiting costs what is due and nothing else.
CREATE TABLE due (
    id     TEXT   NOT NULL PRIMARY KEY,  -- of an account or an attempt
    due_at {{int}} NOT NULL
){{strict}};
CREATE INDEX due_by_time ON due (due_at, id);

-- The append-only log.
CREATE TABLE events (
    seq             {{serial}},
    position        {{position}},      -- the place in commit order
    id              TEXT   NOT NULL UNIQUE,
    workspace       TEXT   NOT NULL,
    type            TEXT   NOT NULL,
    visibility      TEXT   NOT NULL,
    at              {{int}} NOT NULL,
    effective_at    {{int}} NOT NULL,
    actor           TEXT   NOT NULL,
    account_id      TEXT   NOT NULL,
    attempt_id      TEXT   NOT NULL,
    platform        TEXT   NOT NULL,
    previous_status TEXT   NOT NULL,
    status          TEXT   NOT NULL,
    reason          TEXT   NOT NULL,
    issue_type      TEXT   NOT NULL,
    request_id      TEXT   NOT NULL
){{strict}};
CREATE INDEX events_by_position ON events (position);
CREATE INDEX events_by_workspace ON events (workspace, position);
CREATE INDEX events_by_account ON events (account_id, position);

-- API keys of back ends.
CREATE TABLE api_keys (
    id         TEXT     NOT NULL PRIMARY KEY,
    workspace  TEXT     NOT NULL,
    name       TEXT     NOT NULL,
    hash       {{blob}} NOT NULL,
    scopes     TEXT     NOT NULL,
    created_at {{int}}   NOT NULL,
    expires_at {{int}},
    revoked_at {{int}}
){{strict}};

-- +goose Down
DROP TABLE api_keys;
DROP TABLE events;
DROP TABLE due;
DROP TABLE attempts;
DROP TABLE secrets;
DROP TABLE accounts;
DROP TABLE grants;
DROP TABLE apps;
DROP TABLE key_ring;
DROP TABLE installation;
