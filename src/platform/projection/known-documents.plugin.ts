// Tells which documents were answered without an error: those are valid, and within the limits.
import type { ApolloServerPlugin } from '@apollo/server';
import type { KnownDocuments } from './known-documents.js';

export function knownDocumentsPlugin(documents: KnownDocuments): ApolloServerPlugin {
  return {
    requestDidStart: () =>
      Promise.resolve({
        willSendResponse: ({ request, errors, schema, document, operation }) => {
          if (errors === undefined && request.query !== undefined && document !== undefined && operation)
            documents.remember(request.query, request.operationName, { schema, document, operation });
          return Promise.resolve();
        },
      }),
  };
}
