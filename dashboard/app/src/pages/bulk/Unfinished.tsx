import type { UnfinishedBulksQuery } from "../../api/gen/graphql";
import { graphql } from "../../api/graphql";
import { useLiveQuery } from "../../api/live";
import { t } from "../../text";
import { ButtonLink } from "../../ui/Button";
import { Card } from "../../ui/Page";
import { PlatformIcon } from "../../ui/Platform";
import { Countdown } from "../../ui/Time";
import { GiveUp } from "./GiveUp";

const UnfinishedBulks = graphql(`
  query UnfinishedBulks {
    viewer {
      unfinishedBulkConnects {
        id status totalPlatforms expiresAt
        progress { completed }
        sequence { id platforms { platform { id displayName color iconPath } } }
      }
    }
  }
`);

type Bulk = UnfinishedBulksQuery["viewer"]["unfinishedBulkConnects"][number];

/** The bulk connects that the person has begun and not finished, to go on with or to give up. */
export function Unfinished() {
  const [{ data }] = useLiveQuery({ query: UnfinishedBulks });
  const open = data?.viewer.unfinishedBulkConnects.filter(({ status }) => status === "OPEN") ?? [];
  if (open.length === 0) return null;
  return (
    <Card title={t.consent.unfinished} className="unfinished">
      <ul className="account-lines">{open.map((bulk) => <Line key={bulk.id} bulk={bulk} />)}</ul>
    </Card>
  );
}

function Line({ bulk: { id, totalPlatforms, progress, sequence, expiresAt } }: { bulk: Bulk }) {
  const platforms = sequence.flatMap(({ platforms }) => platforms.map(({ platform }) => platform));
  return (
    <li className="connected">
      <span className="icons">{platforms.map((platform) => <PlatformIcon key={platform.id} platform={platform} size="small" />)}</span>
      <span>
        <span className="name">{platforms.map(({ displayName }) => displayName).join(", ")}</span>
        <span className="soft small">{t.bulk.progress(progress.completed, totalPlatforms)} · {t.bulk.linksEnd} <Countdown to={expiresAt} /></span>
      </span>
      <span className="actions">
        <ButtonLink small look="primary" href={`/bulk/${id}`}>{t.consent.goOn}</ButtonLink>
        <GiveUp small id={id} />
      </span>
    </li>
  );
}
