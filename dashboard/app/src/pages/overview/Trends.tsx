import { lazy, Suspense, useMemo } from "react";
import { Link } from "wouter";
import type { TrendsQuery as Data } from "../../api/gen/graphql";
import { graphql } from "../../api/graphql";
import { useLiveQuery } from "../../api/live";
import { t } from "../../text";
import { Card } from "../../ui/Page";
import { Loading, View } from "../../ui/states";

const Chart = lazy(() => import("../../ui/Chart"));

const TrendsQuery = graphql(`
  query Trends {
    overview {
      history(days: 30) { day refreshesSucceeded refreshesFailed broke recovered incidentsOpened }
      upcoming(days: 61) { day count }
    }
  }
`);

const words = t.overview;

/** What will need a person, day by day, and how the last weeks were. */
export function Trends() {
  const [result, refetch] = useLiveQuery({ query: TrendsQuery });
  return (
    <View result={result} retry={() => refetch({ requestPolicy: "network-only" })}>
      {({ overview: { history, upcoming } }) => (
        <>
          <Upcoming days={upcoming} />
          <Suspense fallback={<Loading />}><History days={history} /></Suspense>
        </>
      )}
    </View>
  );
}

const locale = document.documentElement.lang || "en";
const dayOfMonth = new Intl.DateTimeFormat(locale, { day: "numeric", timeZone: "UTC" });
const month = new Intl.DateTimeFormat(locale, { month: "short", timeZone: "UTC" });
const whole = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" });
const weekday = new Intl.DateTimeFormat(locale, { weekday: "short", timeZone: "UTC" });

/** Monday first. */
const column = (day: string) => (new Date(day).getUTCDay() + 6) % 7;
const monday = Date.UTC(2024, 0, 1);
const weekdays = Array.from({ length: 7 }, (_, i) => weekday.format(monday + i * 86_400_000));

/** A calendar of the days on which accounts end. Days are those of UTC, as the API counts them. */
function Upcoming({ days }: { days: Data["overview"]["upcoming"] }) {
  const total = days.reduce((sum, { count }) => sum + count, 0);
  return (
    <Card title={words.upcoming} aside={<span className="soft">{words.upcomingTotal(total)}</span>}>
      <div className="calendar-weekdays" aria-hidden="true">{weekdays.map((name) => <span key={name}>{name}</span>)}</div>
      <ol className="calendar">
        {days.map(({ day, count }, i) => {
          const first = i === 0 || day.slice(8, 10) === "01";
          const label = `${first ? `${month.format(Date.parse(day))} ` : ""}${dayOfMonth.format(Date.parse(day))}`;
          return (
            <li key={day} className={count ? (i < 7 ? "soon" : "later") : undefined} style={i === 0 ? { gridColumnStart: column(day) + 1 } : undefined}>
              {count ? (
                <Link href={`/accounts?day=${day.slice(0, 10)}`}>
                  <span aria-hidden="true">{label}</span>
                  <b aria-hidden="true">{count.toLocaleString()}</b>
                  <span className="visually-hidden">{`${whole.format(Date.parse(day))}: ${words.upcomingTotal(count)}`}</span>
                </Link>
              ) : <span>{label}</span>}
            </li>
          );
        })}
      </ol>
    </Card>
  );
}

function History({ days }: { days: Data["overview"]["history"] }) {
  const shown = useMemo(() => {
    const values = (field: Exclude<keyof (typeof days)[number], "day" | "__typename">) => days.map((day) => day[field]);
    return {
      days: days.map(({ day }) => day),
      refreshes: [
        { label: words.refreshed, color: "--good-fill" as const, values: values("refreshesSucceeded") },
        { label: words.refreshFailed, color: "--bad-fill" as const, values: values("refreshesFailed") },
      ],
      health: [
        { label: words.broke, color: "--bad-fill" as const, values: values("broke") },
        { label: words.recovered, color: "--good-fill" as const, values: values("recovered") },
        { label: words.incidentsOpened, color: "--over-fill" as const, values: values("incidentsOpened") },
      ],
    };
  }, [days]);
  return (
    <div className="charts">
      <Card title={words.refreshes}><Chart label={words.refreshes} days={shown.days} series={shown.refreshes} /></Card>
      <Card title={words.changes}><Chart label={words.changes} days={shown.days} series={shown.health} /></Card>
    </div>
  );
}
