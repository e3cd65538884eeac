import { useState } from "react";

interface Named {
  displayName: string;
  color: string;
  iconPath: string;
}

/** A platform's drawing in its colour. The name stands beside it, or `named` has it read out. */
export function PlatformIcon({ platform: { displayName, color, iconPath }, size = "", named = false }: { platform: Named; size?: "small" | "large" | ""; named?: boolean }) {
  return (
    <span
      className={`platform-icon ${size}`}
      style={{ background: color, color: isLight(color) ? "#000" : "#fff" }}
      role={named ? "img" : undefined}
      aria-hidden={named ? undefined : true}
      aria-label={named ? displayName : undefined}
      title={named ? displayName : undefined}
    >
      <svg viewBox="0 0 24 24" fill="currentColor" fillRule="evenodd" aria-hidden="true"><path d={iconPath} /></svg>
    </span>
  );
}

/** Whether white on a colour has less than the contrast of 3 that a drawing needs (WCAG 2.2, 1.4.11). */
function isLight(color: string): boolean {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return 1.05 / (luminance + 0.05) < 3;
}

/** An account's picture, or its initial where there is none, with its platform in the corner. */
export function Avatar({ account, large = false }: { account: { displayName: string; avatarUrl?: string | null; platform: Named }; large?: boolean }) {
  const [broken, setBroken] = useState("");
  const { avatarUrl } = account;
  return (
    <span className={large ? "avatar large" : "avatar"}>
      {avatarUrl && avatarUrl !== broken ? (
        <img src={avatarUrl} alt="" loading="lazy" onError={() => setBroken(avatarUrl)} />
      ) : (
        <span className="initial" aria-hidden="true">{[...account.displayName][0]?.toUpperCase()}</span>
      )}
      <PlatformIcon platform={account.platform} size="small" named />
    </span>
  );
}
