// A protocol as a value, and the registry of all protocols.
//
//   Protocol                description, traits, settings, and how its services are made
//   protocol_with_settings  a Protocol with settings of a type, and no trait
//   ServiceParts            what the services of one world are made from
//   Services                makes them
//   make_services_of        the usual way, for a class derived from Service
//   protocols               all that are registered; txsim's own come first
//   protocol_names          their names
//   find_protocol           the one of a name, or null
//   register_protocol       adds one
//   BadProtocol             what is wrong with it, and a way out
//
// Shapes: a registered protocol stays. run_program registers those that it is given; other programs
// register theirs before they read their first scenario.
// Units: none.
// Errors: register_protocol throws BadProtocol: the name is no name or is taken, the protocol has
// no settings or makes no services, or a scenario has been read already.
#pragma once

#include <txsim/description.h>
#include <txsim/node.h>
#include <txsim/settings.h>
#include <txsim/transaction.h>

#include "protocols/protocol.h"
#include "protocols/registry.h"
