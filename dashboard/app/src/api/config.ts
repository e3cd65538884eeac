/** What the server tells the page about the installation, in a meta element of index.html. */
export interface Config {
  /** The GraphQL endpoint's path on the page's own origin. */
  endpoint: string;
  /** The built-in sandbox plays platforms here. */
  sandbox: boolean;
  /** People sign in, at /login. Otherwise whoever uses this machine is the owner. */
  signIn: boolean;
  /** There is a playground, at /playground. */
  playground: boolean;
  /** What people know the installation by. */
  name: string;
  /** The address of its logo; "" for Mooring's. */
  logo: string;
  /** The server's release. */
  version: string;
}

const element = document.querySelector<HTMLMetaElement>("meta[name=mooring]");

export const config = JSON.parse(element?.content ?? "{}") as Config;
