import { useQuery } from "urql";
import { ViewerQuery } from "./client";

/** What a role or an API key may do; docs/api.md has the table. */
export type Permission = "read" | "connect" | "manage" | "import" | "lease" | "audit" | "admin" | "end";

/** Who is calling; undefined until the server has said. */
export function useViewer() {
  const [{ data }] = useQuery({ query: ViewerQuery });
  return data?.viewer;
}

/** Whether the caller may do something. False until it is known. */
export function useMay(permission: Permission): boolean {
  return useViewer()?.permissions.includes(permission) ?? false;
}
