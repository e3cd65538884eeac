-- Failures that the troubleshooter does not recognise.

-- +goose Up
CREATE TABLE unknown_errors (
    fingerprint TEXT    NOT NULL PRIMARY KEY,  -- what its cases have in common, without ids, names and tokens
    times       INTEGER NOT NULL,
    first_at    {{int}} NOT NULL,
    last_at     {{int}} NOT NULL
){{strict}};
CREATE INDEX unknown_errors_last ON unknown_errors (last_at);

-- +goose Down
DROP TABLE unknown_errors;
