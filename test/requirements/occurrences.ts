export const REVISIONS = ['2025-03-26', '2025-06-18', '2025-11-25', '2026-07-28'] as const;
export type Revision = (typeof REVISIONS)[number];

/**
 * How often the key words of BCP 14 occur on each page, by section: `section.times`, the name of a section being the
 * anchor of its heading. Kept by `node test/requirements/count-occurrences.mjs <folder of the specification>`.
 */
export const OCCURRENCES: Readonly<Record<Revision, Readonly<Record<string, string>>>> = {
  '2025-03-26': {
    'basic/authorization':
      'protocol-requirements.3 overview.5 oauth-grant-types.1 example-authorization-code-grant.1 authorization-base-url.2 fallbacks-for-servers-without-metadata-discovery.2 dynamic-client-registration.1 token-requirements.4 token-handling.3 security-considerations.7 error-handling.1 implementation-requirements.4 session-binding-requirements.1',
    'basic/index': '.1 messages.1 requests.3 responses.5 notifications.2 batching.1 auth.2',
    'basic/lifecycle':
      'initialization.7 version-negotiation.6 operation.1 stdio.1 timeouts.4 error-handling.1',
    'basic/transports':
      '.2 stdio.3 streamable-http.1 security-warning.3 sending-messages-to-the-server.14 listening-for-messages-from-the-server.4 multiple-connections.2 resumability-and-redelivery.3 session-management.7 custom-transports.2',
    'basic/utilities/cancellation':
      'behavior-requirements.4 timing-considerations.1 implementation-notes.2 error-handling.1',
    'basic/utilities/ping': 'behavior-requirements.1 implementation-considerations.4 error-handling.2',
    'basic/utilities/progress': 'progress-flow.4 behavior-requirements.1 implementation-notes.3',
    'client/roots':
      'capabilities.1 root-list-changes.1 root.1 error-handling.1 security-considerations.2 implementation-guidelines.2',
    'client/sampling': 'user-interaction-model.2 capabilities.1 error-handling.1 security-considerations.5',
    index: '.9 implementation-guidelines.1',
    'server/prompts':
      'capabilities.1 list-changed-notification.1 image-content.1 audio-content.1 embedded-resources.1 error-handling.1 implementation-considerations.3 security.1',
    'server/resources':
      'capabilities.1 list-changed-notification.1 https.2 error-handling.1 security-considerations.4',
    'server/tools':
      'user-interaction-model.2 capabilities.1 list-changed-notification.1 tool.1 security-considerations.2',
    'server/utilities/completion':
      'capabilities.1 error-handling.1 implementation-considerations.2 security.1',
    'server/utilities/logging': 'capabilities.1 error-handling.1 implementation-considerations.1 security.2',
    'server/utilities/pagination': 'pagination-model.1 implementation-guidelines.3 error-handling.1',
  },
  '2025-06-18': {
    'basic/authorization':
      'protocol-requirements.3 overview.6 authorization-server-location.4 server-metadata-discovery.1 dynamic-client-registration.1 resource-parameter-implementation.4 canonical-server-uri.4 token-requirements.4 token-handling.7 error-handling.1 security-considerations.1 token-audience-binding-and-validation.2 token-theft.3 communication-security.3 authorization-code-protection.1 open-redirection.5 confused-deputy-problem.1 access-token-privilege-restriction.6',
    'basic/index': '.1 messages.1 requests.3 responses.5 notifications.2 auth.2 meta.4',
    'basic/lifecycle':
      'initialization.6 version-negotiation.7 operation.1 stdio.1 timeouts.4 error-handling.1',
    'basic/transports':
      '.2 stdio.3 streamable-http.1 security-warning.3 sending-messages-to-the-server.14 listening-for-messages-from-the-server.4 multiple-connections.2 resumability-and-redelivery.3 session-management.7 protocol-version-header.4 custom-transports.2',
    'basic/utilities/cancellation':
      'behavior-requirements.4 timing-considerations.1 implementation-notes.2 error-handling.1',
    'basic/utilities/ping': 'behavior-requirements.1 implementation-considerations.4 error-handling.2',
    'basic/utilities/progress': 'progress-flow.4 behavior-requirements.1 implementation-notes.3',
    changelog: 'major-changes.2',
    'client/elicitation': 'user-interaction-model.2 capabilities.1 security-considerations.7',
    'client/roots':
      'capabilities.1 root-list-changes.1 root.1 error-handling.1 security-considerations.2 implementation-guidelines.2',
    'client/sampling': 'user-interaction-model.2 capabilities.1 error-handling.1 security-considerations.5',
    index: '.9 implementation-guidelines.1',
    schema:
      'jsonrpcerror.1 initializeresult.1 cancellednotification.4 modelhint.1 modelpreferences.2 calltoolresult.1',
    'server/prompts':
      'capabilities.1 list-changed-notification.1 image-content.1 audio-content.1 embedded-resources.1 error-handling.1 implementation-considerations.3 security.1',
    'server/resources':
      'capabilities.1 list-changed-notification.1 https.2 custom-uri-schemes.1 error-handling.1 security-considerations.4',
    'server/tools':
      'user-interaction-model.2 capabilities.1 list-changed-notification.1 tool.1 embedded-resources.1 structured-content.1 output-schema.2 security-considerations.2',
    'server/utilities/completion':
      'capabilities.1 error-handling.1 implementation-considerations.2 security.1',
    'server/utilities/logging': 'capabilities.1 error-handling.1 implementation-considerations.1 security.2',
    'server/utilities/pagination': 'pagination-model.1 implementation-guidelines.3 error-handling.1',
  },
  '2025-11-25': {
    'basic/authorization':
      'protocol-requirements.3 overview.6 authorization-server-location.2 protected-resource-metadata-discovery-requirements.9 authorization-server-metadata-discovery.3 client-registration-approaches.1 client-id-metadata-documents.1 implementation-requirements.11 discovery.1 preregistration.1 scope-selection-strategy.2 resource-parameter-implementation.4 canonical-server-uri.4 token-requirements.4 token-handling.7 error-handling.1 runtime-insufficient-scope-errors.4 step-up-authorization-flow.4 security-considerations.1 token-audience-binding-and-validation.2 token-theft.3 communication-security.3 authorization-code-protection.8 open-redirection.5 client-id-metadata-document-security.1 authorization-server-abuse-protection.1 localhost-redirect-uri-risks.2 confused-deputy-problem.1 access-token-privilege-restriction.6',
    'basic/index':
      '.1 messages.1 requests.3 result-responses.2 error-responses.3 notifications.2 auth.2 schema-dialect.3 implementation-requirements.4 schema-validation.1 meta.5 icons.4',
    'basic/lifecycle':
      'initialization.6 version-negotiation.7 operation.1 stdio.1 timeouts.4 error-handling.1',
    'basic/transports':
      '.2 stdio.4 streamable-http.1 security-warning.4 sending-messages-to-the-server.17 listening-for-messages-from-the-server.5 multiple-connections.2 resumability-and-redelivery.4 session-management.8 protocol-version-header.4 custom-transports.2',
    'basic/utilities/cancellation':
      'behavior-requirements.5 timing-considerations.1 implementation-notes.2 error-handling.1',
    'basic/utilities/ping': 'behavior-requirements.1 implementation-considerations.4 error-handling.2',
    'basic/utilities/progress': 'progress-flow.4 behavior-requirements.4 implementation-notes.3',
    'basic/utilities/tasks':
      'capabilities.1 capability-negotiation.2 tool-level-negotiation.5 getting-tasks.4 retrieving-task-results.1 task-status-notification.2 task-support-and-handling.1 task-id-requirements.3 task-status-lifecycle.3 input-required-status.7 ttl-and-resource-management.4 result-retrieval.5 associating-task-related-messages.6 task-notifications.2 task-listing.4 task-cancellation.5 related-task-metadata.3 protocol-errors.2 task-execution-errors.3 task-isolation-and-access-control.7 resource-management.1 audit-and-logging.2',
    'client/elicitation':
      'user-interaction-model.3 capabilities.3 elicitation-requests.2 form-mode-elicitation-requests.1 requested-schema.1 url-mode-elicitation-requests.2 completion-notifications-for-url-mode-elicitation.4 url-elicitation-required-error.3 statefulness.4 url-mode-elicitation-for-oauth-flows.1 understanding-the-distinction.4 error-handling.2 security-considerations.6 safe-url-handling.12 identifying-the-user.2 form-mode-security.3 phishing.3',
    'client/roots':
      'capabilities.1 root-list-changes.1 root.1 error-handling.1 security-considerations.2 implementation-guidelines.2',
    'client/sampling':
      'user-interaction-model.2 tools-in-sampling.2 capabilities.3 tool-result-messages.1 tool-use-and-result-balance.1 tool-choice-modes.2 error-handling.1 security-considerations.7',
    index: '.9 implementation-guidelines.1',
    schema:
      'error.1 icon.2 resourcelink.2 elicitrequestformparams.1 elicitrequesturlparams.2 initializeresult.1 clientcapabilities.1 implementation.2 cancellednotification.3 cancellednotificationparams.3 prompt.2 resource.2 resourcetemplate.2 createmessagerequestparams.4 modelhint.1 modelpreferences.2 toolchoice.2 toolresultcontent.3 toolusecontent.1 calltoolrequestparams.1 calltoolresult.1 tool.2',
    'server/prompts':
      'capabilities.1 list-changed-notification.1 image-content.1 audio-content.1 embedded-resources.1 error-handling.1 implementation-considerations.3 security.1',
    'server/resources':
      'capabilities.1 list-changed-notification.1 https.2 custom-uri-schemes.1 error-handling.1 security-considerations.4',
    'server/tools':
      'user-interaction-model.2 capabilities.1 list-changed-notification.1 tool.2 tool-names.5 embedded-resources.1 structured-content.1 output-schema.2 error-handling.1 security-considerations.2',
    'server/utilities/completion':
      'capabilities.1 error-handling.1 implementation-considerations.2 security.1',
    'server/utilities/logging': 'capabilities.1 error-handling.1 implementation-considerations.1 security.2',
    'server/utilities/pagination': 'pagination-model.1 implementation-guidelines.3 error-handling.1',
  },
  '2026-07-28': {
    'basic/authorization/authorization-server-discovery':
      'authorization-server-location.4 protected-resource-metadata-discovery-requirements.4 authorization-server-metadata-discovery.7',
    'basic/authorization/client-registration':
      '.1 client-id-metadata-documents.1 implementation-requirements.11 advertising-cimd-support.1 pre-registration.1 application-type-and-redirect-uri-constraints.5 authorization-server-binding.4',
    'basic/authorization/index':
      'protocol-requirements.3 overview.6 authorization-server-discovery.1 client-registration.1 scope-selection-strategy.7 authorization-response-validation.8 resource-parameter-implementation.4 canonical-server-uri.4 token-requirements.4 token-handling.7 refresh-tokens.4 error-handling.1 runtime-insufficient-scope-errors.5 step-up-authorization-flow.5 security-considerations.1',
    'basic/authorization/security-considerations':
      '.2 token-audience-binding-and-validation.2 token-theft.3 communication-security.3 authorization-code-protection.8 open-redirection.5 client-id-metadata-document-security.1 authorization-server-abuse-protection.1 localhost-redirect-uri-risks.2 confused-deputy-problem.1 access-token-privilege-restriction.6',
    'basic/index':
      '.1 messages.1 requests.3 result-responses.3 resulttype.3 error-responses.3 error-codes.8 notifications.2 statelessness.5 auth.2 schema-dialect.3 implementation-requirements.4 schema-validation.1 ref-resolution.4 composition-keyword-resource-use.1 meta.17 icons.4',
    'basic/patterns/cancellation':
      '.3 transport-specific-cancellation.2 timeouts.4 behavior-requirements.4 timing-considerations.1 implementation-notes.2 error-handling.1',
    'basic/patterns/index': '.1',
    'basic/patterns/mrtr':
      '.2 inputrequiredresult.1 supported-requests.1 server-requirements-basic-workflow.11 client-requirements-basic-workflow.6 error-handling.4 security-considerations.1',
    'basic/patterns/progress': 'progress-flow.4 behavior-requirements.1 implementation-notes.3',
    'basic/patterns/subscriptions':
      'opening-a-stream.1 acknowledgment.3 receiving-notifications.1 cancellation.1 graceful-closure.2',
    'basic/transports/index': 'messages.2 custom-transports.3',
    'basic/transports/stdio':
      '.5 sending-messages.1 receiving-messages.2 cancellation.3 shutdown.2 unexpected-termination.1 backward-compatibility.3',
    'basic/transports/streamable-http':
      '.1 security-endpoint.4 sending-messages.10 receiving-messages.4 cancellation.3 protocol-version-header.6 standard-request-headers.2 custom-headers-from-tool-parameters.2 schema-extension.11 value-encoding.7 client-behavior.2 server-behavior-for-custom-headers.11 case-sensitivity.1 server-validation.8 backward-compatibility.1 earlier-streamable-http-revisions.1 http-sse-transport-2024-11-05.2',
    'basic/versioning':
      'protocol-version-negotiation.3 extension-negotiation.3 backward-compatibility-with-initialization-based-versions.2 compatibility-matrix.1',
    changelog: 'major-changes.6 minor-changes.6',
    'client/elicitation':
      'user-interaction-model.3 capabilities.3 elicitation-requests.2 form-mode-elicitation-requests.1 requested-schema.1 url-mode-elicitation-requests.2 example-request-sensitive-data.1 statefulness.3 url-mode-elicitation-for-oauth-flows.1 understanding-the-distinction.4 error-handling.2 security-considerations.5 safe-url-handling.12 identifying-the-user.2 form-mode-security.3 phishing.3',
    'client/roots': '.2 capabilities.1 root.1 security-considerations.2 implementation-guidelines.2',
    'client/sampling':
      '.2 user-interaction-model.2 tools-in-sampling.2 capabilities.3 tool-result-messages.1 tool-use-and-result-balance.1 tool-choice-modes.2 messages.2 sampling-parameters.1 security-considerations.7',
    deprecated: '.2',
    index: '.9 implementation-guidelines.1',
    schema:
      'icon.2 metaobject.5 notificationmetaobject.1 requestmetaobject.8 result.2 resultmetaobject.3 error.1 headermismatcherror.1 internalerror.1 invalidparamserror.1 invalidrequesterror.1 methodnotfounderror.1 missingrequiredclientcapability.1 missingrequiredclientcapabilityerror.1 parseerror.1 unsupportedprotocolversionerror.1 resourcelink.2 completeresult.2 cancellednotification.3 cancellednotificationparams.1 subscriptionsacknowledgednotification.2 inputrequiredresult.3 getpromptresult.2 listpromptsresult.5 prompt.2 listresourcesresult.5 resource.2 readresourceresult.5 listresourcetemplatesresult.5 resourcetemplate.2 createmessagerequestparams.4 modelhint.1 modelpreferences.2 toolchoice.2 toolresultcontent.3 toolusecontent.1 discoverrequest.1 discoverresult.5 clientcapabilities.2 implementation.2 servercapabilities.1 subscriptionslistenrequestparams.1 subscriptionslistenresult.2 subscriptionfilter.1 subscriptionslistenresultmetaobject.3 calltoolresult.3 listtoolsresult.5 tool.2',
    'server/discover': '.1 when-to-call.1 discoverresult.3',
    'server/prompts':
      '.1 capabilities.3 list-changed-notification.1 image-content.1 audio-content.1 embedded-resources.1 error-handling.1 implementation-considerations.3 security.1',
    'server/resources':
      '.1 capabilities.3 list-changed-notification.1 https.2 custom-uri-schemes.1 error-handling.4 security-considerations.5',
    'server/tools':
      '.1 user-interaction-model.2 capabilities.4 input-required-tool-results.1 list-changed-notification.1 tool.2 tool-names.7 x-mcp-header.11 embedded-resources.1 structured-content.1 output-schema.2 error-handling.1 security-considerations.2',
    'server/utilities/caching':
      'cacheable-results.1 cache-key.2 time-to-live-ttl-field.5 freshness-calculation.3 cache-scope-field.1 interaction-with-pagination.5 security-considerations.3',
    'server/utilities/completion':
      '.1 capabilities.1 error-handling.1 implementation-considerations.2 security.1',
    'server/utilities/logging':
      '.2 capabilities.1 per-request-log-level.2 error-handling.1 implementation-considerations.1 security.2',
    'server/utilities/pagination': '.1 pagination-model.1 implementation-guidelines.4 error-handling.1',
  },
};
