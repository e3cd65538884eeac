import { useEffect, useState } from "react";
import { useLocation, useSearchParams } from "wouter";
import { useMutation, useQuery } from "urql";
import { graphql } from "../../api/graphql";
import { t } from "../../text";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { Field, Input } from "../../ui/Field";
import { splitLabels } from "../../ui/labels";
import { Card, PageHead } from "../../ui/Page";
import { PlatformIcon } from "../../ui/Platform";
import { Problem } from "../../ui/Problem";
import { View } from "../../ui/states";
import { Unfinished } from "./Unfinished";

const BulkPlatforms = graphql(`
  query BulkPlatforms {
    platforms { id displayName color iconPath requirements loginMethods { id ready } }
  }
`);

const BulkConnect = graphql(`
  mutation BulkConnect($input: BulkConnectInput!) {
    bulkConnect(input: $input) { bulkConnect { id } userErrors { message } }
  }
`);

/** Chooses the platforms of a bulk connect. */
export default function Bulk() {
  const [search] = useSearchParams();
  const [, navigate] = useLocation();
  const [result, refetch] = useQuery({ query: BulkPlatforms });
  // Where the browser comes back to when a bulk connect is through. A window of
  // its own has done its work; the page that opened it shows the result.
  const finished = search.get("bulk");
  useEffect(() => {
    if (!finished) return;
    if (opener) close();
    navigate(`/bulk/${finished}`, { replace: true });
  }, [finished, navigate]);
  return (
    <>
      <PageHead title={t.bulk.title} intro={t.bulk.intro} />
      <View result={result} retry={() => refetch({ requestPolicy: "network-only" })}>
        {({ platforms }) => (
          <div className="stack">
            <Unfinished />
            <ChoosePlatforms platforms={platforms.map((platform) => ({ ...platform, ready: platform.loginMethods.some(({ ready }) => ready) }))} />
          </div>
        )}
      </View>
    </>
  );
}

interface Choice {
  id: string;
  displayName: string;
  color: string;
  iconPath: string;
  requirements: string[];
  ready: boolean;
}

function ChoosePlatforms({ platforms }: { platforms: Choice[] }) {
  const [, navigate] = useLocation();
  const [{ fetching, error, data }, prepare] = useMutation(BulkConnect);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [labels, setLabels] = useState("");
  const ready = platforms.filter((platform) => platform.ready);
  const toggle = (id: string) => setChosen((before) => (before.has(id) ? new Set([...before].filter((one) => one !== id)) : new Set([...before, id])));
  return (
    <form
      className="bulk-choice"
      onSubmit={async (event) => {
        event.preventDefault();
        const { data } = await prepare({ input: { platforms: [...chosen], labels: splitLabels(labels), returnTo: `${location.origin}/bulk` } });
        if (data?.bulkConnect.bulkConnect) navigate(`/bulk/${data.bulkConnect.bulkConnect.id}`);
      }}
    >
      <Card title={t.bulk.choose} aside={<Button small onClick={() => setChosen(new Set(ready.map(({ id }) => id)))}>{t.bulk.all}</Button>}>
        <fieldset className="choices">
          <legend className="visually-hidden">{t.bulk.choose}</legend>
          {platforms.map((platform) => (
            <label key={platform.id} className="choice">
              <input type="checkbox" disabled={!platform.ready} checked={chosen.has(platform.id)} onChange={() => toggle(platform.id)} />
              <PlatformIcon platform={platform} />
              <span>
                <span className="name">{platform.displayName}</span>
                <span className="soft small">{platform.requirements.join(" · ")}</span>
              </span>
              {!platform.ready && <Badge>{t.bulk.notReady}</Badge>}
            </label>
          ))}
        </fieldset>
        {chosen.has("meta_facebook") && chosen.has("meta_instagram") && <p className="soft small">{t.bulk.shared}</p>}
        <details>
          <summary>{t.common.more} <span className="soft small">{t.bulk.more}</span></summary>
          <Field label={t.account.details.labels} hint={t.account.labelsDialog.text}>
            <Input value={labels} onChange={(event) => setLabels(event.target.value)} />
          </Field>
        </details>
        <Problem error={error} userErrors={data?.bulkConnect.userErrors} />
        <div className="actions">
          <Button look="primary" type="submit" icon="right" busy={fetching} disabled={chosen.size === 0}>{t.bulk.start(chosen.size)}</Button>
        </div>
      </Card>
    </form>
  );
}
