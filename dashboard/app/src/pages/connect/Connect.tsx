import { useSearchParams } from "wouter";
import { useQuery } from "urql";
import type { ConnectPageQuery } from "../../api/gen/graphql";
import { graphql } from "../../api/graphql";
import { useConsent } from "../../consent/consent";
import { isUnfinished, Unfinished } from "../../consent/Unfinished";
import { say } from "../../shell/alerts";
import { t } from "../../text";
import { Badge } from "../../ui/Badge";
import { Button, ButtonLink } from "../../ui/Button";
import { PageHead } from "../../ui/Page";
import { PlatformIcon } from "../../ui/Platform";
import { View } from "../../ui/states";
import { ConnectDialog } from "./ConnectDialog";

const ConnectPage = graphql(`
  query ConnectPage {
    platforms {
      id displayName color iconPath difficulty setupMinutes features requirements sandboxed recommendedRank
      incident { since }
      loginMethods { id ready requirements capabilities scopes { name purpose required default capability } }
    }
  }
`);

export type Offer = ConnectPageQuery["platforms"][number];
export type Method = Offer["loginMethods"][number];

/** Platform cards in recommended order. A card opens a dialog that leads through consent; ?platform= opens it, too. */
export default function Connect() {
  const [search, setSearch] = useSearchParams();
  const [result, refetch] = useQuery({ query: ConnectPage });
  const consent = useConsent();
  const { attempt } = consent;
  const chosen = attempt?.platform.id ?? search.get("platform");
  const close = () => {
    if (attempt && isUnfinished(attempt)) say("warn", t.consent.unfinishedToast(attempt.platform.displayName), t.consent.unfinishedWhere);
    consent.reset();
    setSearch({}, { replace: true });
  };
  return (
    <>
      <PageHead title={t.connect.title} intro={t.connect.intro} actions={<ButtonLink icon="bulk" href="/bulk">{t.connect.several}</ButtonLink>} />
      <View result={result} retry={() => refetch({ requestPolicy: "network-only" })}>
        {({ platforms }) => {
          const offer = platforms.find(({ id }) => id === chosen);
          return (
            <>
              {/* Not while one goes on: the list's answer may be older than what the attempt's own stream says. */}
              {!offer && <Unfinished />}
              <ul className="offers">
                {platforms.map((platform) => (
                  <li key={platform.id}>
                    <Card platform={platform} onOpen={() => setSearch({ platform: platform.id })} />
                  </li>
                ))}
              </ul>
              {offer && <ConnectDialog key={offer.id} platform={offer} consent={consent} onClose={close} />}
            </>
          );
        }}
      </View>
    </>
  );
}

function Card({ platform, onOpen }: { platform: Offer; onOpen: () => void }) {
  const ready = isReady(platform);
  return (
    <article className="card offer" aria-label={platform.displayName}>
      <header>
        <PlatformIcon platform={platform} size="large" />
        <div>
          <h2>{platform.displayName}</h2>
          <Readiness platform={platform} />
        </div>
      </header>
      <p className="badges">
        {platform.recommendedRank === 1 && <Badge tone="act">{t.connect.recommended}</Badge>}
        <Badge>{t.connect.difficulty[platform.difficulty]}</Badge>
        <Badge>{t.connect.setup(platform.setupMinutes)}</Badge>
      </p>
      <div>
        <h3 className="small soft">{t.connect.features}</h3>
        <p>{platform.features.join(" · ")}</p>
      </div>
      {platform.requirements.length > 0 && (
        <div>
          <h3 className="small soft">{t.connect.requirements}</h3>
          <p>{platform.requirements.join(" · ")}</p>
        </div>
      )}
      <Button look={ready ? "primary" : undefined} onClick={onOpen} aria-label={ready ? t.connect.card(platform.displayName) : t.connect.look(platform.displayName)}>
        {ready ? t.connect.connect : t.connect.setUp}
      </Button>
    </article>
  );
}

export const isReady = (platform: Offer) => platform.loginMethods.some(({ ready }) => ready);

export function Readiness({ platform }: { platform: Offer }) {
  if (platform.incident) return <Badge tone="warn" dot>{t.connect.trouble}</Badge>;
  if (!isReady(platform)) return <Badge dot>{t.connect.notReady}</Badge>;
  return <Badge tone="good" dot>{platform.sandboxed ? t.connect.played : t.connect.ready}</Badge>;
}
