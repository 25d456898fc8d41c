export { createNodeSink } from './scripted/node-sink.ts';
export { type ScriptedServer, type ScriptedServerOptions, startScriptedServer } from './scripted/scripted-server.ts';
