import { useId, type InputHTMLAttributes, type ReactElement, type ReactNode, type SelectHTMLAttributes, cloneElement } from "react";

/** A labelled control with what it is for, and what is wrong with its value. */
export function Field({ label, hint, wrong, children }: { label: string; hint?: ReactNode; wrong?: string; children: ReactElement<{ "aria-describedby"?: string; "aria-invalid"?: boolean }> }) {
  const id = useId();
  return (
    <label className="field">
      <span>{label}</span>
      {cloneElement(children, { "aria-describedby": hint || wrong ? id : undefined, "aria-invalid": wrong ? true : undefined })}
      <small id={id} className={wrong ? "wrong" : undefined}>{wrong ?? hint}</small>
    </label>
  );
}

export const Input = (props: InputHTMLAttributes<HTMLInputElement>) => <input {...props} className="input" />;

export const Select = (props: SelectHTMLAttributes<HTMLSelectElement>) => <select className="input" {...props} />;

export function Checkbox({ label, ...rest }: InputHTMLAttributes<HTMLInputElement> & { label: ReactNode }) {
  return (
    <label className="check">
      <input type="checkbox" {...rest} />
      {label}
    </label>
  );
}

/** A choice of a few, all in sight. */
export function Segments<Value extends string>({ label, value, options, onChange }: {
  label: string;
  value: Value;
  options: { value: Value; label: ReactNode }[];
  onChange: (value: Value) => void;
}) {
  const name = useId();
  return (
    <div className="segments" role="radiogroup" aria-label={label}>
      {options.map((option) => (
        <label key={option.value}>
          <input type="radio" name={name} checked={option.value === value} onChange={() => onChange(option.value)} />
          {option.label}
        </label>
      ))}
    </div>
  );
}
