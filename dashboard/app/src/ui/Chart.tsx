import { useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import { useTheme } from "../shell/theme";
import { t } from "../text";

export interface Series {
  label: string;
  /** The name of a colour of tokens.css. */
  color: `--${string}`;
  values: number[];
}

const height = 180; // pixels
const day = 86_400; // seconds

/**
 * Bars for each day (UTC), side by side; the legend has the day under the pointer,
 * or all of them together. The canvas is for eyes; a table says the
 * same to screen readers. Fetched only by pages that draw: it comes with uPlot.
 */
export default function Chart({ label, days, series }: { label: string; days: string[]; series: Series[] }) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const dark = useDark();
  const shape = series.map(({ label, color }) => label + color).join();

  useEffect(() => {
    const target = box.current!;
    const axis = { stroke: resolved(target, "--ink-soft"), grid: { stroke: resolved(target, "--line"), width: 1 }, ticks: { show: false } };
    plot.current = new uPlot(
      {
        width: target.clientWidth,
        height,
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "UTC"),
        cursor: { y: false, drag: { x: false, y: false } },
        scales: {
          x: { range: (_, first, last) => [first - day / 2, last + day / 2] }, // the bars of those days are whole, too
          y: { range: (_, __, max) => [0, Math.max(4, max * 1.1)] },
        },
        axes: [
          { ...axis, grid: { show: false }, values: (_, ticks) => ticks.map((at) => dayName.format(at * 1000)) },
          { ...axis, size: 40, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 100_000] },
        ],
        series: [
          { label: t.common.day, value: (_, at) => (at == null ? t.common.allDays : dayName.format(at * 1000)) },
          ...series.map(({ label, color }, i) => ({
            label,
            value: ({ data }: uPlot, count: number | null, at: number) => (count ?? sum(data[at]!)).toLocaleString(),
            fill: resolved(target, color),
            stroke: resolved(target, color),
            width: 0,
            points: { show: false },
            paths: besideOthers(i, series.length),
          })),
        ],
      },
      [[], ...series.map(() => [])],
      target,
    );
    const observer = new ResizeObserver(() => plot.current?.setSize({ width: target.clientWidth, height }));
    observer.observe(target);
    return () => {
      observer.disconnect();
      plot.current?.destroy();
    };
  }, [shape, dark]);

  useEffect(() => {
    plot.current?.setData([days.map((day) => Date.parse(day) / 1000), ...series.map(({ values }) => values)]);
  }, [days, series, dark]);

  return (
    <figure>
      <div ref={box} className="chart" aria-hidden="true" />
      <div className="visually-hidden">
        <table>
          <caption>{label}</caption>
          <thead>
            <tr><td />{series.map(({ label }) => <th key={label} scope="col">{label}</th>)}</tr>
          </thead>
          <tbody>
            {days.map((day, i) => (
              <tr key={day}>
                <th scope="row">{dayName.format(Date.parse(day))}</th>
                {series.map(({ label, values }) => <td key={label}>{values[i]}</td>)}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  );
}

/** Draws the bars of one of several series, each in its own part of the day. */
function besideOthers(i: number, of: number): uPlot.Series.PathBuilder {
  const width = (0.75 * day) / of;
  const begin = (i - of / 2) * width; // from the day's middle, where its number stands
  return uPlot.paths.bars!({
    radius: 0.2,
    disp: {
      x0: { unit: 1, values: ({ data }) => Array.from(data[0], (at) => at + begin) },
      size: { unit: 1, values: () => [width] },
    },
  });
}

const sum = (values: uPlot.AlignedData[number]) => [...values].reduce<number>((all, one) => all + (one ?? 0), 0);

const dayName = new Intl.DateTimeFormat(document.documentElement.lang || "en", { day: "numeric", month: "short", timeZone: "UTC" });

/** A colour of the theme as a canvas understands it: light-dark() has to be resolved. */
function resolved(target: HTMLElement, name: string): string {
  const probe = document.createElement("i");
  probe.style.color = `var(${name})`;
  target.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** Whether the page is dark now, by the switch or by the system. */
function useDark(): boolean {
  const [theme] = useTheme();
  const [system, setSystem] = useState(darkSystem.matches);
  useEffect(() => {
    const follow = () => setSystem(darkSystem.matches);
    darkSystem.addEventListener("change", follow);
    return () => darkSystem.removeEventListener("change", follow);
  }, []);
  return theme === "system" ? system : theme === "dark";
}

const darkSystem = matchMedia("(prefers-color-scheme: dark)");
