//! Everything but JMAP: accounts, login, directory.

pub(crate) mod body;
mod credentials;
pub(crate) mod directory;
mod hkp;
mod login;
mod passphrase;
mod peer;
mod register;
mod wkd;

use axum::{
    Json, Router,
    extract::State,
    routing::{get, post},
};
use wire::{auth::ServerInfo, routes};

use crate::AppState;

/// The plain HTTP routes.
pub(crate) fn router() -> Router<AppState> {
    Router::new()
        .route(routes::SERVER_INFO, get(server_info))
        .route(routes::REGISTER, post(register::register))
        .route(routes::LOGIN_START, post(login::start))
        .route(routes::LOGIN_FINISH, post(login::finish))
        .route(routes::LOGOUT, post(login::logout))
        .route(routes::CHANGE_PASSPHRASE, post(passphrase::change))
        .route(routes::DIRECTORY_LOOKUP, post(directory::lookup))
        .route(routes::DIRECTORY_PUBLISH, post(directory::publish))
        .route(routes::DIRECTORY_OWN, get(directory::own))
}

/// The key directories for everybody (WKD, HKP).
pub(crate) fn directories() -> Router<AppState> {
    Router::new()
        .route(&format!("{}/policy", routes::WKD), get(wkd::policy))
        .route(
            &format!("{}/{{domain}}/policy", routes::WKD),
            get(wkd::policy_of_domain),
        )
        .route(&format!("{}/hu/{{hash}}", routes::WKD), get(wkd::direct))
        .route(
            &format!("{}/{{domain}}/hu/{{hash}}", routes::WKD),
            get(wkd::advanced),
        )
        .route(routes::HKP_LOOKUP, get(hkp::lookup))
}

async fn server_info(State(state): State<AppState>) -> Json<ServerInfo> {
    Json(ServerInfo {
        server: concat!("Letterlock/", env!("CARGO_PKG_VERSION")).to_owned(),
        domains: state.config.domains.clone(),
        registration_open: state.config.registration_open,
        max_message_size: state.config.limits.message_size as u64,
    })
}
