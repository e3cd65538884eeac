-- People who sign in, and what they are in which workspace.

-- +goose Up

-- Who belongs to a workspace. Those who were removed stay, so that a token without a role does not
-- bring them back.
CREATE TABLE members (
    workspace  TEXT   NOT NULL,
    user_id    TEXT   NOT NULL,  -- the subject of their tokens
    name       TEXT   NOT NULL,  -- as their provider or their inviter calls them; '' if unknown
    email      TEXT   NOT NULL,  -- likewise
    role       TEXT   NOT NULL,
    joined_at  {{int}} NOT NULL,
    invited_by TEXT   NOT NULL,  -- '' for nobody
    removed_at {{int}},
    PRIMARY KEY (workspace, user_id)
){{strict}};
CREATE INDEX members_by_user ON members (user_id);

-- Single-use links: invitations to whoever accepts, and links that sign one person in.
CREATE TABLE links (
    id         TEXT     NOT NULL PRIMARY KEY,
    hash       {{blob}} NOT NULL UNIQUE,  -- SHA-256 of the token in the link
    workspace  TEXT     NOT NULL,
    user_id    TEXT     NOT NULL,  -- whom it signs in; '' for an invitation
    name       TEXT     NOT NULL,  -- for whom, as the inviter calls them
    role       TEXT     NOT NULL,  -- '' leaves it to what the workspace has
    created_by TEXT     NOT NULL,
    created_at {{int}}   NOT NULL,
    expires_at {{int}}   NOT NULL,
    used_at    {{int}}             -- or revoked
){{strict}};
CREATE INDEX links_by_workspace ON links (workspace, created_at);

-- People's sign-ins, one for each browser.
CREATE TABLE sessions (
    id         TEXT   NOT NULL PRIMARY KEY,  -- SHA-256 of the cookie's value
    workspace  TEXT   NOT NULL,
    user_id    TEXT   NOT NULL,
    role       TEXT   NOT NULL,  -- as the provider claimed; '' leaves it to members
    created_at {{int}} NOT NULL,
    used_at    {{int}} NOT NULL,  -- to the minute
    expires_at {{int}} NOT NULL
){{strict}};
CREATE INDEX sessions_by_user ON sessions (workspace, user_id);
CREATE INDEX sessions_by_end ON sessions (expires_at);

ALTER TABLE api_keys ADD COLUMN created_by TEXT NOT NULL DEFAULT '';
ALTER TABLE api_keys ADD COLUMN used_at    {{int}};  -- to the minute

-- +goose Down
ALTER TABLE api_keys DROP COLUMN used_at;
ALTER TABLE api_keys DROP COLUMN created_by;
DROP TABLE sessions;
DROP TABLE links;
DROP TABLE members;
