-- Keeping grants alive.

-- +goose Up

-- The grants that Mooring can renew, one row each: when, who is at it, and the journal of what was sent.
-- Narrow and hot, so that looking for what is due costs by what is due.
CREATE TABLE refreshes (
    grant_id   TEXT    NOT NULL PRIMARY KEY,
    app_id     TEXT    NOT NULL,
    due_at     {{int}}  NOT NULL,  -- when to look next; of a claimed row: when the claim ends
    owner      TEXT    NOT NULL,  -- the replica that has claimed it; '' for none
    fence      {{int}}  NOT NULL,  -- moves with each claim
    failures   INTEGER NOT NULL,  -- in a row
    sender     TEXT    NOT NULL,  -- the replica with a request whose end is not written; '' for none
    requests   INTEGER NOT NULL   -- sent with the present refresh token that may have had an effect
){{strict}}{{hot}};
CREATE INDEX refreshes_due ON refreshes (app_id, due_at);

-- The processes that run on this database, and when each was last known to live.
CREATE TABLE replicas (
    id      TEXT   NOT NULL PRIMARY KEY,
    seen_at {{int}} NOT NULL
){{strict}};

ALTER TABLE installation ADD COLUMN public_url TEXT NOT NULL DEFAULT '';  -- of the installation that refreshes

-- How an app stands with its platform, shared by all replicas.
ALTER TABLE apps ADD COLUMN paced_to     {{int}} NOT NULL DEFAULT 0;  -- the token bucket: when it is full again
ALTER TABLE apps ADD COLUMN strikes      INTEGER NOT NULL DEFAULT 0;  -- failures in a row that speak against the app
ALTER TABLE apps ADD COLUMN paused_until {{int}} NOT NULL DEFAULT 0;  -- nothing is refreshed before
ALTER TABLE apps ADD COLUMN incident     TEXT;                        -- JSON, while there is one

ALTER TABLE grants ADD COLUMN failure TEXT;  -- JSON: what the platform said when a refresh failed last

ALTER TABLE accounts ADD COLUMN auto_refresh    INTEGER NOT NULL DEFAULT 0;   -- Mooring renews its access token
ALTER TABLE accounts ADD COLUMN next_refresh_at {{int}};
ALTER TABLE accounts ADD COLUMN failing         TEXT    NOT NULL DEFAULT '';  -- why that does not succeed at present

-- +goose Down
ALTER TABLE accounts DROP COLUMN failing;
ALTER TABLE accounts DROP COLUMN next_refresh_at;
ALTER TABLE accounts DROP COLUMN auto_refresh;
ALTER TABLE grants DROP COLUMN failure;
ALTER TABLE apps DROP COLUMN incident;
ALTER TABLE apps DROP COLUMN paused_until;
ALTER TABLE apps DROP COLUMN strikes;
ALTER TABLE apps DROP COLUMN paced_to;
ALTER TABLE installation DROP COLUMN public_url;
DROP TABLE replicas;
DROP TABLE refreshes;
