// A GraphQL client in a few lines, for the demo set and the tests.

/** An answer in Roost's envelope. */
export interface Reply<Data> {
  status: string;
  message: string;
  code: string | null;
  fieldErrors: { path: string; message: string }[] | null;
  data: Data;
}

export interface GraphQLResult {
  httpStatus: number;
  headers: Headers;
  data?: Record<string, unknown> | null;
  errors?: { message: string; path?: (string | number)[]; extensions?: Record<string, unknown> }[];
}

/** Sends one document; answers whatever came back. */
export async function post(
  url: string,
  query: string,
  variables: Record<string, unknown> = {},
  token?: string,
): Promise<GraphQLResult> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query, variables }),
  });
  const body = (await response.json()) as Omit<GraphQLResult, 'httpStatus' | 'headers'>;
  return { httpStatus: response.status, headers: response.headers, ...body };
}
