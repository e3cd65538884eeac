-- Asking platforms whether tokens still work.

-- +goose Up

-- The tokens that are to be probed, one row each.
CREATE TABLE probes (
    id        TEXT    NOT NULL PRIMARY KEY,  -- of the grant, or of the account that has a token of its own
    app_id    TEXT    NOT NULL,
    due_at    {{int}}  NOT NULL,  -- when to look next; of a claimed row: when the claim ends
    owner     TEXT    NOT NULL,  -- the replica that has claimed it; '' for none
    fence     {{int}}  NOT NULL,  -- moves with each claim
    failures  INTEGER NOT NULL,  -- in a row; from the threshold on its accounts are UNHEALTHY
    successes INTEGER NOT NULL,  -- in a row since then
    suspected INTEGER NOT NULL   -- to be asked about, however lately the token worked
){{strict}}{{hot}};
CREATE INDEX probes_due ON probes (app_id, due_at);

-- The budget of probes that cost something.
ALTER TABLE apps ADD COLUMN probe_day    {{int}} NOT NULL DEFAULT 0;  -- the day that probes_spent counts, since 1970
ALTER TABLE apps ADD COLUMN probes_spent INTEGER NOT NULL DEFAULT 0;

ALTER TABLE accounts ADD COLUMN probe_failure TEXT;  -- JSON: what the platform said when a probe failed last

-- The platforms whose probes are free. The first round comes at once, as fast as each app may.
INSERT INTO probes (id, app_id, due_at, owner, fence, failures, successes, suspected)
    SELECT DISTINCT CASE WHEN a.own_token = 1 THEN a.id ELSE g.id END, g.app_id, 0, '', 0, 0, 0, 0
    FROM accounts a JOIN grants g ON g.id = a.grant_id
    WHERE a.disconnected_at IS NULL AND a.platform NOT IN ('twitter', 'pinterest');

-- +goose Down
ALTER TABLE accounts DROP COLUMN probe_failure;
ALTER TABLE apps DROP COLUMN probes_spent;
ALTER TABLE apps DROP COLUMN probe_day;
DROP TABLE probes;
