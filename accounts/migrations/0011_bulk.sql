-- Several platforms through consent in one go, and one action on many accounts.

-- +goose Up

CREATE TABLE bulk_connects (
    id                 TEXT   NOT NULL PRIMARY KEY,
    workspace          TEXT   NOT NULL,
    created_by         TEXT   NOT NULL,
    client_mutation_id TEXT,             -- the same of the same caller is the same request
    return_to          TEXT   NOT NULL,
    external_user_id   TEXT   NOT NULL,
    labels             TEXT   NOT NULL,
    skipped            TEXT   NOT NULL,  -- JSON: the platforms that could not be offered, and why
    minutes            {{int}} NOT NULL,  -- estimated
    created_at         {{int}} NOT NULL,
    expires_at         {{int}} NOT NULL,
    cancelled_at       {{int}},
    UNIQUE (workspace, created_by, client_mutation_id)
){{strict}};
CREATE INDEX bulk_connects_by_time ON bulk_connects (created_at);

-- One consent each. How far it is, its attempt says.
CREATE TABLE bulk_items (
    id           TEXT   NOT NULL PRIMARY KEY,
    bulk_id      TEXT   NOT NULL REFERENCES bulk_connects (id) ON DELETE CASCADE,
    workspace    TEXT   NOT NULL,
    place        {{int}} NOT NULL,
    members      TEXT   NOT NULL,  -- JSON: platforms, login methods and capabilities; the first leads
    attempt_id   TEXT   NOT NULL,  -- the latest; '' before the first
    skipped_at   {{int}},
    UNIQUE (bulk_id, place)
){{strict}};

ALTER TABLE attempts ADD COLUMN bulk_id    TEXT NOT NULL DEFAULT '';  -- that it is a part of; '' for none
ALTER TABLE attempts ADD COLUMN started_at {{int}};                    -- when the browser went to the platform
CREATE INDEX attempts_completed ON attempts (platform, created_at) WHERE status = 'COMPLETED';

ALTER TABLE events ADD COLUMN bulk_id TEXT NOT NULL DEFAULT '';

CREATE TABLE bulk_jobs (
    id                 TEXT    NOT NULL PRIMARY KEY,
    workspace          TEXT    NOT NULL,
    action             TEXT    NOT NULL,
    force              INTEGER NOT NULL,
    created_by         TEXT    NOT NULL,
    client_mutation_id TEXT,              -- as in bulk_connects
    created_at         {{int}}  NOT NULL,
    ended_at           {{int}},
    cancelled_at       {{int}},
    total              {{int}}  NOT NULL,
    done               {{int}}  NOT NULL,
    failed             {{int}}  NOT NULL,
    UNIQUE (workspace, created_by, client_mutation_id)
){{strict}};
CREATE INDEX bulk_jobs_by_time ON bulk_jobs (created_at);
CREATE INDEX bulk_jobs_running ON bulk_jobs (workspace) WHERE ended_at IS NULL;

-- The accounts of a job, as they were when it began.
CREATE TABLE bulk_job_items (
    job_id        TEXT   NOT NULL REFERENCES bulk_jobs (id) ON DELETE CASCADE,
    place         {{int}} NOT NULL,
    account_id    TEXT   NOT NULL,
    grant_id      TEXT   NOT NULL,
    claimed_until {{int}} NOT NULL DEFAULT 0,  -- by the database's clock
    outcome       TEXT   NOT NULL,
    code          TEXT   NOT NULL,
    message       TEXT   NOT NULL,
    finished_at   {{int}},
    PRIMARY KEY (job_id, place)
){{strict}};
CREATE INDEX bulk_job_items_open ON bulk_job_items (place, job_id) WHERE outcome = 'PENDING';

-- +goose Down
DROP TABLE bulk_job_items;
DROP TABLE bulk_jobs;
ALTER TABLE events DROP COLUMN bulk_id;
DROP INDEX attempts_completed;
ALTER TABLE attempts DROP COLUMN started_at;
ALTER TABLE attempts DROP COLUMN bulk_id;
DROP TABLE bulk_items;
DROP TABLE bulk_connects;
