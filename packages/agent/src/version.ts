/** Version of the agent CLI; `molecule-agent --version` prints it and the adapter parses it. */
export const AGENT_VERSION = '0.1.0';
