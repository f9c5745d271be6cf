"""Verbs that operations are named by."""

from __future__ import annotations

VERBS = frozenset(
    "abort accept ack acknowledge activate add allow analyze answer apply approve archive ask assign attach "
    "authenticate authorize autocomplete backup ban batch begin bind block book build bulk bust buy calculate "
    "call cancel capture change charge chat check checkout classify clear clone close commit compare complete "
    "compute configure confirm connect consume convert copy count create deactivate decline decode decrease "
    "decrypt delete deliver deny deploy deprovision detach detect detokenize diff disable discard disconnect "
    "dismiss dispatch do download drop duplicate edit email embed empty enable encode encrypt end enqueue enroll "
    "estimate evaluate exchange execute exists expand expire export extend extract favorite fetch fill filter "
    "find finish fix flag flush follow force fork format forward freeze generate get give grant handle has head "
    "heartbeat hide identify ignore import increase index initialize initiate insert inspect install introspect "
    "invalidate invite invoke is issue join kick kill launch leave like link list load lock log login logout "
    "lookup make map mark match measure merge migrate moderate modify monitor move mute notify obtain open order "
    "overwrite paginate pair parse patch pause pay peek perform permit pin ping play poll post predict prepare "
    "preview print process promote provide provision publish pull purge push put query queue rate read rebuild "
    "receive recommend reconnect record recover redact redeem redeliver redetermine redirect redo refresh refund "
    "refuse regenerate register reindex reject release reload remove rename render renew reopen reorder repeat "
    "replace replay reply report request require rerank rerun reschedule resend reset resize resolve restart "
    "restore resume retire retrieve retry return revert review revoke roll rollback rotate run sample save scale "
    "scan schedule scope search seed select sell send serve set share show sign signin signout signup simulate "
    "skip snooze sort speak split star start stop store stream submit subscribe suggest summarize suspend swap "
    "switch sync synchronize synthesize tag take terminate test toggle tokenize touch track train transcribe "
    "transfer transform transition translate trigger try unarchive unassign unban unblock uncancel undelete undo "
    "unfavorite unfollow unfreeze uninstall unlike unlink unlock unmark unmute unpin unpublish unregister unsave "
    "unset unshare unstar unsubscribe unsuspend untag update upgrade upload upsert use validate verify view void "
    "vote wait wake warm watch whitelist withdraw write".split()
)
"""Rather too many than too few: a name with one of them is taken to say what is done."""
