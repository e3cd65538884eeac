import { useState } from "react";
import { useMutation, useQuery } from "urql";
import type { InvitationsQuery as Invited, MembersQuery as Listed, Role } from "../../api/gen/graphql";
import { graphql } from "../../api/graphql";
import { useMay, useViewer } from "../../api/viewer";
import { t } from "../../text";
import { Badge } from "../../ui/Badge";
import { Button, IconButton } from "../../ui/Button";
import { Confirm } from "../../ui/Confirm";
import { Dialog } from "../../ui/Dialog";
import { Field, Input, Select } from "../../ui/Field";
import { Card } from "../../ui/Page";
import { Problem } from "../../ui/Problem";
import { Loading, Note, View } from "../../ui/states";
import { Time } from "../../ui/Time";
import { Once } from "./Once";
import { Settings } from "./Settings";

const MembersQuery = graphql(`
  query Members($after: String) {
    members(first: 100, after: $after) {
      nodes { user displayName email role joinedAt invitedBy }
      pageInfo { hasNextPage hasPreviousPage endCursor }
    }
  }
`);

const InvitationsQuery = graphql(`
  query Invitations {
    invitations { id displayName role createdBy createdAt expiresAt }
  }
`);

const InviteMember = graphql(`
  mutation InviteMember($input: InviteMemberInput!) {
    inviteMember(input: $input) { link invitation { id } userErrors { code message } }
  }
`);

const RevokeInvitation = graphql(`
  mutation RevokeInvitation($id: ID!) {
    revokeInvitation(input: { id: $id }) { userErrors { code message } }
  }
`);

const ChangeRole = graphql(`
  mutation ChangeRole($user: ID!, $role: Role!) {
    changeRole(input: { user: $user, role: $role }) { member { user role } userErrors { code message } }
  }
`);

const RemoveMember = graphql(`
  mutation RemoveMember($user: ID!) {
    removeMember(input: { user: $user }) { userErrors { code message } }
  }
`);

type Member = Listed["members"]["nodes"][number];

const roles: Role[] = ["OWNER", "ADMIN", "MEMBER", "VIEWER"];

/** Who belongs to the workspace, and as what. */
export default function Members() {
  const viewer = useViewer();
  const mayChange = useMay("admin");
  const [after, setAfter] = useState<string>();
  const [inviting, setInviting] = useState(false);
  const [members, refetch] = useQuery({ query: MembersQuery, variables: { after }, requestPolicy: "cache-and-network" });
  if (!viewer) return <Settings page="members"><Loading /></Settings>;
  if (viewer.method === "LOCAL") {
    return (
      <Settings page="members">
        <Note tone="act" title={t.members.local}>
          <p>{t.members.localText}</p>
          <ul>
            {t.members.localWays.map(([setting, what]) => <li key={setting}><code>{setting}</code>: {what}</li>)}
          </ul>
        </Note>
      </Settings>
    );
  }
  const again = () => refetch({ requestPolicy: "network-only" });
  const listed = members.data?.members;
  // Those whose tokens name their roles are not among the members.
  const elsewhere = viewer.method === "JWT" && !!listed && !after && !listed.pageInfo.hasNextPage && !listed.nodes.some(({ user }) => user === viewer.user);
  return (
    <Settings page="members" actions={mayChange && !elsewhere && <Button look="primary" icon="user" onClick={() => setInviting(true)}>{t.members.invite}</Button>}>
      {elsewhere && <Note tone="act" title={t.members.elsewhere}><p>{t.members.elsewhereText}</p></Note>}
      <Card title={t.members.title}>
        <View result={members} retry={again}>
          {({ members }) => (
            <>
              <MemberTable members={members.nodes} whole={!members.pageInfo.hasNextPage && !members.pageInfo.hasPreviousPage} fixed={!mayChange || elsewhere} onRemoved={again} />
              {(members.pageInfo.hasNextPage || after) && (
                <div className="pager">
                  <Button small disabled={!after} onClick={() => setAfter(undefined)}>{t.settings.first}</Button>
                  <Button small disabled={!members.pageInfo.hasNextPage} onClick={() => setAfter(members.pageInfo.endCursor ?? undefined)}>{t.settings.next}</Button>
                </div>
              )}
            </>
          )}
        </View>
      </Card>
      {mayChange && !elsewhere && <Invitations inviting={inviting} onDone={() => setInviting(false)} />}
    </Settings>
  );
}

function MemberTable({ members, whole, fixed, onRemoved }: { members: Member[]; whole: boolean; fixed: boolean; onRemoved: () => void }) {
  const viewer = useViewer();
  const [changed, change] = useMutation(ChangeRole);
  const [leaving, setLeaving] = useState<Member>();
  const mine = viewer?.role === "OWNER";
  const lastOwner = whole && members.filter(({ role }) => role === "OWNER").length === 1;
  return (
    <>
      <Problem error={changed.error} userErrors={changed.data?.changeRole.userErrors} />
      {lastOwner && !fixed && <p className="soft small">{t.members.lastOwner}</p>}
      <table className="table cards">
        <thead>
          <tr><th>{t.members.name}</th><th>{t.members.role}</th><th>{t.members.joined}</th><th /></tr>
        </thead>
        <tbody>
          {members.map((member) => {
            const stays = member.role === "OWNER" && (lastOwner || !mine);
            const name = member.displayName ?? member.user;
            return (
              <tr key={member.user}>
                <td>
                  <strong>{name}</strong> {member.user === viewer?.user && <Badge tone="act">{t.members.you}</Badge>}
                  <div className="soft small">{[member.email, member.user !== name && member.user].filter(Boolean).join(" · ")}</div>
                </td>
                <td data-label={t.members.role}>
                  {fixed || stays ? t.viewer.roles[member.role] : (
                    <Select aria-label={t.members.roleOf(name)} value={member.role} disabled={changed.fetching} onChange={(event) => change({ user: member.user, role: event.target.value as Role })}>
                      {roles.filter((role) => role !== "OWNER" || mine).map((role) => <option key={role} value={role}>{t.viewer.roles[role]}</option>)}
                    </Select>
                  )}
                </td>
                <td data-label={t.members.joined}>
                  <span><Time at={member.joinedAt} /> {member.invitedBy && <span className="soft small">{t.members.invitedBy(member.invitedBy)}</span>}</span>
                </td>
                <td className="end">{!fixed && !stays && <IconButton small icon="trash" label={t.members.remove(name)} onClick={() => setLeaving(member)} />}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {fixed && <p className="soft small">{t.members.readOnly}</p>}
      <Removal member={leaving} self={leaving?.user === viewer?.user} onClose={() => setLeaving(undefined)} onRemoved={onRemoved} />
    </>
  );
}

function Removal({ member, self, onClose, onRemoved }: { member?: Member; self: boolean; onClose: () => void; onRemoved: () => void }) {
  const [removed, remove] = useMutation(RemoveMember);
  if (!member) return null;
  const name = member.displayName ?? member.user;
  const run = async () => {
    const { data, error } = await remove({ user: member.user });
    if (error || data?.removeMember.userErrors.length) return;
    onRemoved();
    onClose();
  };
  return (
    <Confirm
      title={self ? t.members.leave : t.members.remove(name)}
      action={self ? t.members.leaveNow : t.members.removeNow}
      busy={removed.fetching}
      onConfirm={run}
      onClose={onClose}
    >
      <ul>{t.members.removal.map((consequence) => <li key={consequence}>{consequence}</li>)}</ul>
      <Problem error={removed.error} userErrors={removed.data?.removeMember.userErrors} />
    </Confirm>
  );
}

function Invitations({ inviting, onDone }: { inviting: boolean; onDone: () => void }) {
  const [result, refetch] = useQuery({ query: InvitationsQuery, requestPolicy: "cache-and-network" });
  const [revoked, revoke] = useMutation(RevokeInvitation);
  const again = () => refetch({ requestPolicy: "network-only" });
  return (
    <Card title={t.members.invitations}>
      {inviting && <Invite onClose={onDone} onInvited={again} />}
      <Problem error={revoked.error} userErrors={revoked.data?.revokeInvitation.userErrors} />
      <View result={result} retry={again}>
        {({ invitations }) => (invitations.length === 0 ? <p className="soft">{t.members.noInvitations}</p> : <InvitationTable invitations={invitations} busy={revoked.fetching} onRevoke={(id) => revoke({ id }).then(again)} />)}
      </View>
    </Card>
  );
}

function InvitationTable({ invitations, busy, onRevoke }: { invitations: Invited["invitations"]; busy: boolean; onRevoke: (id: string) => void }) {
  return (
    <table className="table cards">
      <thead>
        <tr><th>{t.members.for}</th><th>{t.members.role}</th><th>{t.members.by}</th><th>{t.members.ends}</th><th /></tr>
      </thead>
      <tbody>
        {invitations.map(({ id, displayName, role, createdBy, expiresAt }) => (
          <tr key={id}>
            <td><strong>{displayName}</strong></td>
            <td data-label={t.members.role}>{t.viewer.roles[role]}</td>
            <td data-label={t.members.by}>{createdBy}</td>
            <td data-label={t.members.ends}><Time at={expiresAt} /></td>
            <td className="end"><Button small icon="trash" busy={busy} aria-label={t.members.revoke(displayName)} onClick={() => onRevoke(id)}>{t.members.revokeNow}</Button></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Invite({ onClose, onInvited }: { onClose: () => void; onInvited: () => void }) {
  const viewer = useViewer();
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("MEMBER");
  const [invited, invite] = useMutation(InviteMember);
  const payload = invited.data?.inviteMember;
  const submit = async () => {
    const { data } = await invite({ input: { name, role } });
    if (data?.inviteMember.link) onInvited();
  };
  if (payload?.link) {
    return (
      <Dialog open title={t.members.invited(name)} onClose={onClose} footer={<Button look="primary" onClick={onClose}>{t.settings.done}</Button>}>
        <Once title={t.members.link} secret={payload.link} />
      </Dialog>
    );
  }
  return (
    <Confirm title={t.members.invite} action={t.members.makeLink} look="primary" busy={invited.fetching} onConfirm={submit} onClose={onClose}>
      <Field label={t.members.whom} hint={t.members.whomHint}>
        <Input required maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
      <Field label={t.members.role} hint={t.members.roleHint[role]}>
        <Select value={role} onChange={(event) => setRole(event.target.value as Role)}>
          {roles.filter((role) => role !== "OWNER" || viewer?.role === "OWNER").map((role) => <option key={role} value={role}>{t.viewer.roles[role]}</option>)}
        </Select>
      </Field>
      <Problem error={invited.error} userErrors={payload?.userErrors} />
    </Confirm>
  );
}
