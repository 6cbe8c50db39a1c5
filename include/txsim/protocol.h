// A protocol as a value, and the registry of all protocols.
//
//   Protocol                description, traits, settings, and the function that makes its services
//   protocol_with_settings  a Protocol with settings of one type, and no traits
//   ServiceParts            the input from which the services of one world are made
//   Services                the services of a world
//   make_services_of        the usual way, for a class derived from Service
//   protocols               all registered protocols; txsim's own come first
//   protocol_names          their names
//   find_protocol           the protocol with a name, or null
//   register_protocol       adds a protocol
//   BadProtocol             what is wrong with a protocol, and how to fix it
//
// Shapes: a registered protocol stays registered. run_program registers the protocols that it
// receives; other programs register theirs before they read their first scenario.
// Units: none.
// Errors: register_protocol throws BadProtocol: the name is not valid or is taken, the protocol has
// no settings or makes no services, or a scenario has already been read.
#pragma once

#include <txsim/description.h>
#include <txsim/node.h>
#include <txsim/settings.h>
#include <txsim/transaction.h>

#include "protocols/protocol.h"
#include "protocols/registry.h"
