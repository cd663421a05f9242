// What the values of the API are called. `Record` makes the compiler complain about a value that has no words.
import type { Schemas } from "./api.js";
import type { Language } from "./words.js";

type Vocabulary = {
  states: Record<Schemas["ResponseState"], string>;
  positions: Record<Schemas["Position"], string>;
  progress: Record<Schemas["ImplementationStatus"], string>;
  assessments: Record<Schemas["AssessmentStatus"], string>;
  /** The kinds of records that a search finds. */
  types: Record<string, string>;
};

const en: Vocabulary = {
  states: {
    withdrawn: "Withdrawn",
    transferred: "Transferred",
    not_required: "No reply asked for",
    unknown: "Not known if a reply is asked for",
    pending: "Not due yet",
    extended: "Not due yet, extended",
    holding_reply: "Holding reply",
    not_checked: "Nobody has looked", // never "overdue": there may be a reply
    overdue: "Overdue",
    responded_on_time: "Replied in time",
    responded_late: "Replied late",
    responded: "Replied",
    responded_withheld: "Replied, not published",
  },
  positions: {
    accepted: "Accepted",
    accepted_in_part: "Accepted in part",
    accepted_in_principle: "Accepted in principle",
    under_consideration: "Under consideration",
    noted: "Noted",
    not_accepted: "Not accepted",
    redirected: "Redirected to another body",
    no_position_stated: "No position stated",
  },
  progress: {
    not_started: "not started",
    in_progress: "in progress",
    partially_complete: "partly complete",
    complete: "complete",
    no_action_planned: "no action planned",
    no_longer_applicable: "no longer applicable",
    unknown: "not known",
  },
  assessments: {
    not_assessed: "not assessed",
    open_acceptable: "open, acceptable so far",
    open_unacceptable: "open, not acceptable",
    closed_implemented: "closed, implemented",
    closed_alternative_action: "closed, other action taken",
    closed_not_implemented: "closed, not implemented",
    closed_superseded: "closed, superseded",
    closed_reconsidered: "closed, reconsidered",
    closed_no_longer_applicable: "closed, no longer applicable",
    closed_no_response: "closed, no response",
  },
  types: {
    article: "News",
    organisation: "Organisation",
    report: "Report",
    recommendation: "Recommendation",
    response: "Response",
  },
};

const cy: Vocabulary = {
  states: {
    withdrawn: "Tynnwyd yn ôl",
    transferred: "Trosglwyddwyd",
    not_required: "Ni ofynnir am ymateb",
    unknown: "Nid yw’n hysbys a ofynnir am ymateb",
    pending: "Heb gyrraedd y dyddiad cau",
    extended: "Heb gyrraedd y dyddiad cau, estynnwyd",
    holding_reply: "Ymateb dros dro",
    not_checked: "Nid oes neb wedi edrych",
    overdue: "Yn hwyr",
    responded_on_time: "Ymatebwyd mewn pryd",
    responded_late: "Ymatebwyd yn hwyr",
    responded: "Ymatebwyd",
    responded_withheld: "Ymatebwyd, heb ei gyhoeddi",
  },
  positions: {
    accepted: "Derbyniwyd",
    accepted_in_part: "Derbyniwyd yn rhannol",
    accepted_in_principle: "Derbyniwyd mewn egwyddor",
    under_consideration: "Dan ystyriaeth",
    noted: "Nodwyd",
    not_accepted: "Ni dderbyniwyd",
    redirected: "Cyfeiriwyd at gorff arall",
    no_position_stated: "Ni nodwyd safbwynt",
  },
  progress: {
    not_started: "heb ddechrau",
    in_progress: "ar y gweill",
    partially_complete: "wedi’i gwblhau’n rhannol",
    complete: "wedi’i gwblhau",
    no_action_planned: "dim camau wedi’u cynllunio",
    no_longer_applicable: "ddim yn berthnasol mwyach",
    unknown: "ddim yn hysbys",
  },
  assessments: {
    not_assessed: "heb ei asesu",
    open_acceptable: "agored, derbyniol hyd yma",
    open_unacceptable: "agored, annerbyniol",
    closed_implemented: "caewyd, gweithredwyd",
    closed_alternative_action: "caewyd, cymerwyd camau eraill",
    closed_not_implemented: "caewyd, ni weithredwyd",
    closed_superseded: "caewyd, disodlwyd",
    closed_reconsidered: "caewyd, ailystyriwyd",
    closed_no_longer_applicable: "caewyd, ddim yn berthnasol mwyach",
    closed_no_response: "caewyd, dim ymateb",
  },
  types: {
    article: "Newyddion",
    organisation: "Sefydliad",
    report: "Adroddiad",
    recommendation: "Argymhelliad",
    response: "Ymateb",
  },
};

export const VOCABULARY: Record<Language, Vocabulary> = { en, cy };
