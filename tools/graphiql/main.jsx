// The query page: GraphiQL against this origin's /graphql, offline.
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import 'graphiql/style.css';
import { createClient } from 'graphql-ws';
import { createRoot } from 'react-dom/client';
import acknowledge from './links/acknowledge.graphql';
import incident from './links/incident.graphql';
import ticket from './links/ticket.graphql';
import './page.css';

const TOKEN = 'watchpane:token';
// The build names the workers after their contents and hands the names in.
const WORKERS = __WORKERS__;

globalThis.MonacoEnvironment = {
  getWorker: (_id, label) => new Worker(WORKERS[label] ?? WORKERS.editor, { type: 'module' }),
};

// What links in messages ask for, such as #ticket=01H…: an operation, and the type that it is about.
const LINKS = {
  ticket: [ticket, 'Ticket'],
  incident: [incident, 'Incident'],
  acknowledge: [acknowledge, 'Alert'],
};

const token = () => sessionStorage.getItem(TOKEN);

/** One tab for each operation; the file separates them by lines starting with "# ---". */
async function examples() {
  const answer = await fetch('/static/graphiql/examples.graphql');
  const text = answer.ok ? await answer.text() : '{ __typename }\n';
  return text
    .split(/^# ---.*$/m)
    .map((query) => ({ query: query.trim() + '\n' }))
    .filter(({ query }) => query.trim());
}

/** The tab that a link asks for; its operation runs only when somebody presses the button. */
function linked() {
  const [, kind, key] = location.hash.match(/^#([a-z]+)=([0-9A-Z]{26})$/) ?? [];
  if (!Object.hasOwn(LINKS, kind)) return undefined;
  const [query, type] = LINKS[kind];
  return { query, variables: JSON.stringify({ id: btoa(`${type}:${key}`) }, null, 2) };
}

/** Whether the server accepts the token; asks for nothing but a type's name. */
async function accepted(candidate) {
  const answer = await fetch('/graphql', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${candidate}` },
    body: '{"query":"{ __typename }"}',
  });
  return answer.ok;
}

function askForToken(root) {
  root.innerHTML = document.getElementById('ask').innerHTML;
  const form = root.querySelector('form');
  form.elements.token.focus();
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const candidate = form.elements.token.value.trim();
    if (await accepted(candidate)) {
      sessionStorage.setItem(TOKEN, candidate);
      location.reload();
    } else {
      form.querySelector('output').value = 'This token is unknown or has expired.';
    }
  });
}

async function open(root) {
  const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
  const fetcher = createGraphiQLFetcher({
    url: '/graphql',
    headers: { Authorization: `Bearer ${token()}` },
    wsClient: createClient({
      url: `${scheme}//${location.host}/graphql`,
      connectionParams: () => ({ Authorization: `Bearer ${token()}` }),
    }),
  });
  const asked = linked();
  const defaultTabs = [...(asked ? [asked] : []), ...(await examples())];
  addEventListener('hashchange', () => location.reload());
  createRoot(root).render(
    <GraphiQL
      fetcher={fetcher}
      defaultTabs={defaultTabs}
      initialQuery={asked?.query}
      initialVariables={asked?.variables}
      isHeadersEditorEnabled={false}
    >
      <GraphiQL.Logo>Watchpane</GraphiQL.Logo>
    </GraphiQL>,
  );
}

const root = document.getElementById('graphiql');
if (token() && (await accepted(token()))) {
  await open(root);
} else {
  sessionStorage.removeItem(TOKEN);
  askForToken(root);
}
