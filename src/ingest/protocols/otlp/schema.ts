/*
 * The messages of OTLP/HTTP that carry exceptions, as a protobufjs descriptor. Field names and numbers are those of
 * https://github.com/open-telemetry/opentelemetry-proto (v1): common/v1/common.proto, resource/v1/resource.proto,
 * logs/v1/logs.proto, trace/v1/trace.proto and the two collector services. What is not read here is left out; protobuf skips it.
 *
 * Copyright 2019-2020, OpenTelemetry Authors
 * Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except in compliance with the
 * License. You may obtain a copy of the License at http://www.apache.org/licenses/LICENSE-2.0
 * Unless required by applicable law or agreed to in writing, software distributed under the License is distributed on an
 * "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the License for the specific
 * language governing permissions and limitations under the License.
 */
import protobuf from "protobufjs/light.js";

type Field = [type: string, id: number];
const list = (type: string, id: number) => ({ rule: "repeated", type, id });
const fields = (given: Record<string, Field | { rule: string; type: string; id: number }>) => ({
  fields: Object.fromEntries(
    Object.entries(given).map(([name, field]) => [
      name,
      Array.isArray(field) ? { type: field[0], id: field[1] } : field,
    ]),
  ),
});

const root = protobuf.Root.fromJSON({
  nested: {
    AnyValue: {
      ...fields({
        stringValue: ["string", 1],
        boolValue: ["bool", 2],
        intValue: ["int64", 3],
        doubleValue: ["double", 4],
        arrayValue: ["ArrayValue", 5],
        kvlistValue: ["KeyValueList", 6],
        bytesValue: ["bytes", 7],
      }),
      oneofs: {
        value: {
          oneof: ["stringValue", "boolValue", "intValue", "doubleValue", "arrayValue", "kvlistValue", "bytesValue"],
        },
      },
    },
    ArrayValue: fields({ values: list("AnyValue", 1) }),
    KeyValueList: fields({ values: list("KeyValue", 1) }),
    KeyValue: fields({ key: ["string", 1], value: ["AnyValue", 2] }),
    Resource: fields({ attributes: list("KeyValue", 1) }),
    ExportLogsServiceRequest: fields({ resourceLogs: list("ResourceLogs", 1) }),
    ResourceLogs: fields({ resource: ["Resource", 1], scopeLogs: list("ScopeLogs", 2) }),
    ScopeLogs: fields({ logRecords: list("LogRecord", 2) }),
    LogRecord: fields({
      timeUnixNano: ["fixed64", 1],
      severityNumber: ["int32", 2],
      severityText: ["string", 3],
      body: ["AnyValue", 5],
      attributes: list("KeyValue", 6),
      traceId: ["bytes", 9],
      spanId: ["bytes", 10],
      observedTimeUnixNano: ["fixed64", 11],
    }),
    ExportTraceServiceRequest: fields({ resourceSpans: list("ResourceSpans", 1) }),
    ResourceSpans: fields({ resource: ["Resource", 1], scopeSpans: list("ScopeSpans", 2) }),
    ScopeSpans: fields({ spans: list("Span", 2) }),
    Span: fields({
      traceId: ["bytes", 1],
      spanId: ["bytes", 2],
      parentSpanId: ["bytes", 4],
      attributes: list("KeyValue", 9),
      events: list("SpanEvent", 11),
    }),
    SpanEvent: fields({ timeUnixNano: ["fixed64", 1], name: ["string", 2], attributes: list("KeyValue", 3) }),
    ExportServiceResponse: fields({ partialSuccess: ["PartialSuccess", 1] }),
    PartialSuccess: fields({ rejected: ["int64", 1], errorMessage: ["string", 2] }),
    Status: fields({ code: ["int32", 1], message: ["string", 2] }),
  },
});

export type MessageName = "ExportLogsServiceRequest" | "ExportTraceServiceRequest" | "ExportServiceResponse" | "Status";

/**
 * Decodes a request into the form of OTLP's JSON, except that ids are bytes. Throws if the bytes are not such a
 * message, or if it is nested too deeply.
 */
export function decode(name: MessageName, bytes: Uint8Array): unknown {
  const type = root.lookupType(name);
  return type.toObject(type.decode(bytes), { longs: String });
}

/** Nesting of a message. OTLP nests eight levels before an attribute begins. */
const MAX_DEPTH = 48;

/** Whether a message has more than `max` fields, or is nested too deeply. Nothing is decoded for it. */
export function exceeds(name: MessageName, bytes: Uint8Array, max: number): boolean {
  const reader = protobuf.Reader.create(bytes);
  let fields = 0;
  const walk = (type: protobuf.Type, end: number, depth: number): boolean => {
    while (reader.pos < end) {
      const tag = reader.uint32();
      if (++fields > max || depth > MAX_DEPTH) return true;
      const inner = type.fieldsById[tag >>> 3]?.resolve().resolvedType;
      if ((tag & 7) !== 2 || !(inner instanceof protobuf.Type)) reader.skipType(tag & 7);
      else if (walk(inner, reader.uint32() + reader.pos, depth + 1)) return true;
    }
    return false;
  };
  return walk(root.lookupType(name), bytes.length, 0);
}

/** Encodes a response as bytes. */
export function encode(name: MessageName, value: object): Uint8Array {
  const type = root.lookupType(name);
  return type.encode(type.fromObject(value)).finish();
}
