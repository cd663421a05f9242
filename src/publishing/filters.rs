//! The filters of lists, where they apply to other ways out.

use serde::Deserialize;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

/// The filters of a list without `state`, which then has its default: only published records.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub struct WithoutState<F>(pub F);

impl<F: IntoParams> IntoParams for WithoutState<F> {
    fn into_params(parameter_in: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut parameters = F::into_params(parameter_in);
        parameters.retain(|parameter| parameter.name != "state");
        parameters
    }
}
