// Wires GraphQL: code-first schema, Apollo on Fastify, the envelope, and Sandbox in development.
import { ApolloServerPluginLandingPageLocalDefault } from '@apollo/server/plugin/landingPage/default';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { Module } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import { GraphQLModule as NestGraphQLModule } from '@nestjs/graphql';
import type { FastifyRequest } from 'fastify';
import { ENV, type Env } from '../../config/env.js';
import { EnvelopeFilter } from '../errors/envelope.filter.js';
import { knownDocumentsPlugin } from '../projection/known-documents.plugin.js';
import { KnownDocuments } from '../projection/known-documents.js';
import { ProjectionModule } from '../projection/projection.module.js';
import { documentLimitsPlugin } from './document-limits.plugin.js';
import { fieldErrorsPlugin, formatError } from './field-errors.plugin.js';
import { InputPipe } from './input.pipe.js';
import { RequestContext } from './request-context.js';
import { SANDBOX_DOCUMENT, sandboxVariables } from './sandbox.js';

@Module({
  imports: [
    NestGraphQLModule.forRootAsync<ApolloDriverConfig>({
      driver: ApolloDriver,
      imports: [ProjectionModule],
      inject: [ENV, KnownDocuments],
      useFactory: (env: Env, documents: KnownDocuments): ApolloDriverConfig => ({
        path: '/graphql',
        autoSchemaFile: true,
        sortSchema: true,
        buildSchemaOptions: { numberScalarMode: 'integer' },
        context: (request: FastifyRequest) => new RequestContext(request),
        formatError: formatError(env),
        includeStacktraceInErrorResponses: false,
        introspection: env.NODE_ENV !== 'production',
        parseOptions: { maxTokens: env.GRAPHQL_MAX_TOKENS },
        csrfPrevention: true,
        graphiql: false,
        plugins: [
          // No answer may be cached, which a header says: nothing to work out for each field.
          ApolloServerPluginCacheControlDisabled(),
          fieldErrorsPlugin(env),
          documentLimitsPlugin(env),
          knownDocumentsPlugin(documents),
          env.NODE_ENV === 'development' ? sandbox() : ApolloServerPluginLandingPageDisabled(),
        ],
      }),
    }),
  ],
  providers: [
    { provide: APP_FILTER, useClass: EnvelopeFilter },
    { provide: APP_PIPE, useClass: InputPipe },
  ],
})
export class GraphQLModule {}

function sandbox() {
  return ApolloServerPluginLandingPageLocalDefault({
    document: SANDBOX_DOCUMENT,
    variables: sandboxVariables(new Date()),
    headers: { Authorization: 'Bearer <accessToken>' },
    includeCookies: false,
    embed: { endpointIsEditable: false, runTelemetry: false },
    footer: false,
  });
}
