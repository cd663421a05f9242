//! The totals of the coverage matrix.

use chrono::NaiveDate;
use serde::Serialize;
use strum::IntoEnumIterator;
use utoipa::ToSchema;

use super::queries::ColumnRow;
use crate::platform::states::PublicationState;
use crate::resources::recommendations::model::ResponseRequirement;
use crate::tracking::obligations::model::{ObligationRow, Position};
use crate::tracking::obligations::state::ResponseState;

/// The totals, as numbers of cells. The description of each says which other total it is part of.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct Totals {
    /// All cells: one per recommendation and addressee.
    #[schema(minimum = 0, maximum = 20000)]
    pub cells: i64,
    /// Of `cells`: the recommendation or its report was withdrawn, or is no longer addressed to the organisation.
    #[schema(minimum = 0, maximum = 20000)]
    pub withdrawn: i64,
    /// Of `cells`: another organisation took over the obligation and has a cell of its own.
    #[schema(minimum = 0, maximum = 20000)]
    pub transferred: i64,
    /// Of `cells`: the others, which are in force. All totals below are of these.
    #[schema(minimum = 0, maximum = 20000)]
    pub addressed: i64,
    /// Of `addressed`: it is not known whether a response is required.
    #[schema(minimum = 0, maximum = 20000)]
    pub requirement_unknown: i64,
    /// Of `addressed`: others claim something without a mandate.
    #[schema(minimum = 0, maximum = 20000)]
    pub claimed: i64,
    /// Of `addressed`: a response is required or requested.
    #[schema(minimum = 0, maximum = 20000)]
    pub wanted: i64,
    /// Of `wanted`: the due date has passed.
    #[schema(minimum = 0, maximum = 20000)]
    pub due: i64,
    /// Of `addressed`: there is a response.
    #[schema(minimum = 0, maximum = 20000)]
    pub responded: i64,
    /// Of `responded`: only somebody else responded for the addressee.
    #[schema(minimum = 0, maximum = 20000)]
    pub collectively_covered: i64,
    /// Of `responded`: the response states no position.
    #[schema(minimum = 0, maximum = 20000)]
    pub no_position_stated: i64,
    /// Of `wanted`: elements of recommendations without a response.
    #[schema(minimum = 0, maximum = 20000)]
    pub elements_unanswered: i64,
    /// `cells` by response state, including states without cells.
    #[schema(max_items = 20)]
    pub response_states: Vec<StateCount>,
}

/// The number of cells in a response state.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StateCount {
    /// The response state.
    pub state: ResponseState,
    /// The number of cells.
    #[schema(minimum = 0, maximum = 20000)]
    pub count: i64,
}

impl Totals {
    /// Counts cells under columns on a day.
    pub fn of(
        cells: &[ObligationRow],
        columns: &[ColumnRow],
        report: PublicationState,
        today: NaiveDate,
    ) -> Self {
        let state = |cell: &ObligationRow| ResponseState::of(cell, report, today);
        let is_in_force = |cell: &ObligationRow| {
            !matches!(
                state(cell),
                ResponseState::Withdrawn | ResponseState::Transferred
            )
        };
        let count = |is_counted: &dyn Fn(&ObligationRow) -> bool| {
            let counted = cells
                .iter()
                .filter(|cell| is_in_force(cell) && is_counted(cell));
            number(counted.count())
        };
        let wanted = |row: &ObligationRow| {
            use ResponseRequirement::{Requested, Statutory};
            matches!(row.response_requirement.0, Statutory | Requested)
        };
        let has_no_position = |cell: &ObligationRow| {
            let position = cell.position.map(|value| value.0);
            matches!(position, None | Some(Position::NoPositionStated))
        };
        let elements = || columns.iter().filter(|column| column.parent_id.is_some());
        let is_element =
            |cell: &ObligationRow| elements().any(|column| column.id == cell.recommendation_id);
        let in_state = |wanted: ResponseState| {
            number(cells.iter().filter(|cell| state(cell) == wanted).count())
        };
        let states = ResponseState::iter().map(|state| StateCount {
            state,
            count: in_state(state),
        });
        Self {
            cells: number(cells.len()),
            withdrawn: in_state(ResponseState::Withdrawn),
            transferred: in_state(ResponseState::Transferred),
            requirement_unknown: count(&|cell| {
                cell.response_requirement.0 == ResponseRequirement::Unknown
            }),
            claimed: count(&|cell| !cell.statements.claims.is_empty()),
            addressed: count(&|_| true),
            wanted: count(&wanted),
            due: count(&|cell| wanted(cell) && cell.due_on.is_some_and(|due| due < today)),
            responded: count(&|cell| cell.is_answered),
            collectively_covered: count(&|cell| cell.is_collective),
            no_position_stated: count(&|cell| cell.is_answered && has_no_position(cell)),
            elements_unanswered: count(&|cell| {
                wanted(cell) && !cell.is_answered && is_element(cell)
            }),
            response_states: states.collect(),
        }
    }
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
