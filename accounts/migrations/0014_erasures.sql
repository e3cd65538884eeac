-- What was erased, and what is still to be.

-- +goose Up
CREATE TABLE erasures (
    id        TEXT   NOT NULL PRIMARY KEY,
    workspace TEXT   NOT NULL,  -- '' for what a person granted to an app, in all workspaces
    target    TEXT   NOT NULL,  -- JSON: whom or what; '' once that is gone
    report    TEXT   NOT NULL,  -- JSON: what was removed, kept and revoked, without names
    begun_at  {{int}} NOT NULL,
    ended_at  {{int}}
){{strict}};

-- +goose Down
DROP TABLE erasures;
